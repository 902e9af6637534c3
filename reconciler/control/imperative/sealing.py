"""Secrets that a command is given, sealed before anybody else sees them: so they can stand in a manifest in git."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.seal import literal_of, place_of, replaced
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import ResourceKey
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import secret_places
from reconciler.secrets.sealing import PublicKey
from reconciler.secrets.value import SecretValue

Path = tuple[str, ...]


def sealed_rewrites(rewrites: Rewrites, public_key: Callable[[], PublicKey]) -> Rewrites:
    """The same, with every secret that they write in plain text sealed to a public key, which is asked for only then.

    What stood there in plain text before stays as it was. A value is sealed once: whoever asks again gets the same text.
    """
    sealing = _Sealing(public_key)
    return {key: sealing.around(key, rewrite) for key, rewrite in rewrites.items()}


@dataclass(frozen=True, slots=True)
class _Sealing:
    public_key: Callable[[], PublicKey]
    texts: dict[tuple[ResourceKey, Path, str], str] = field(default_factory=dict, repr=False)

    def around(self, key: ResourceKey, rewrite: Rewrite | None) -> Rewrite | None:
        if rewrite is None:
            return None
        if isinstance(rewrite, Creation):
            make, change = rewrite.make, rewrite.change
            return replace(
                rewrite,
                make=lambda: self._sealed(key, make(), {}),
                change=None if change is None else lambda whole: self._sealed(key, change(whole), whole),
            )
        return lambda whole: self._sealed(key, rewrite(whole), whole)

    def _sealed(self, key: ResourceKey, wanted: JsonValue, before: JsonObject) -> JsonValue:
        if not isinstance(wanted, dict):
            return wanted
        found: JsonObject = wanted
        for path in [*secret_places(structure_of_kind(key.kind), wanted)]:
            literal = literal_of(value_at(wanted, path))
            if literal is not None and literal != literal_of(value_at(before, path)):
                found = replaced(found, path, {"sealed": self._text(key, path[1:], literal)})
        return found

    def _text(self, key: ResourceKey, path: Path, literal: str) -> str:
        known = self.texts.get((key, path, literal))
        if known is None:
            known = self.public_key().seal(place_of(key, path), SecretValue(literal))
            self.texts[key, path, literal] = known
        return known
