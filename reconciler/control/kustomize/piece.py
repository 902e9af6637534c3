"""A resource on its way through an overlay: what it is now, what it was called before, and where its fields come from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from reconciler.control.manifest.document import Document, Location
from reconciler.control.manifest.locator import Path
from reconciler.json_types import JsonObject, JsonValue, same
from reconciler.resources.resource import DEFAULT_NAMESPACE


class Identity(NamedTuple):
    """What kustomize knows a resource by. A field that is not there, or is no text, is empty."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str


class Origin(NamedTuple):
    """What stands at or below `path` was written at `written` of `document`."""

    path: Path
    document: Document
    written: Path


@dataclass(frozen=True, slots=True)
class Piece:
    """`earlier` are its identities before each change, the first one first. Prefixes and suffixes, the inner ones first."""

    data: JsonObject
    base: Document
    origins: tuple[Origin, ...] = ()
    earlier: tuple[Identity, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        return identity_of(self.data)

    @property
    def original(self) -> Identity:
        return self.earlier[0] if self.earlier else self.identity

    def remembering(self) -> "Piece":
        """With its identity among the earlier ones, before it gets another."""
        return replace(self, earlier=(*self.earlier, self.identity))

    def metadata(self) -> JsonObject:
        held = self.data.get("metadata")
        return held if isinstance(held, dict) else {}

    def texts(self, name: str) -> dict[str, str]:
        """Its labels or annotations, as far as they are texts."""
        held = self.metadata().get(name)
        items = held.items() if isinstance(held, dict) else ()
        return {key: value for key, value in items if isinstance(value, str)}

    def changed(self, data: JsonObject, *origins: Origin) -> "Piece":
        return replace(self, data=data, origins=(*self.origins, *origins))

    def with_metadata(self, name: str, value: JsonValue, *origins: Origin) -> "Piece":
        """Where there is no metadata that could hold it, nothing changes: the document has an error anyhow."""
        if not isinstance(self.data.get("metadata"), dict):
            return self
        return self.changed({**self.data, "metadata": {**self.metadata(), name: value}}, *origins)


def identity_of(data: JsonObject) -> Identity:
    version, kind, metadata = data.get("apiVersion"), data.get("kind"), data.get("metadata")
    held = metadata if isinstance(metadata, dict) else {}
    group, _, rest = version.rpartition("/") if isinstance(version, str) else ("", "", "")
    return Identity(
        group,
        rest,
        _text(kind),
        _text(held.get("namespace")) or DEFAULT_NAMESPACE,
        _text(held.get("name")),
    )


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def differences(before: JsonValue, after: JsonValue, path: Path = ()) -> Iterator[Path]:
    """The topmost paths at which `after` has what `before` has not."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in after.items():
            if name not in before:
                yield (*path, name)
            else:
                yield from differences(before[name], value, (*path, name))
    elif not same(before, after):
        yield path


@dataclass(frozen=True, slots=True)
class Composed(Document):
    """A document as an overlay made it. `file`, `text` and `line` are those of the base document."""

    origins: tuple[Origin, ...] = ()
    folder: str = ""

    @property
    def overlay(self) -> str | None:
        return self.folder

    def locate(self, path: Path) -> Location:
        """In the file that wrote what stands there last: a patch, a kustomization, or else the base document."""
        for origin in reversed(self.origins):
            depth = len(origin.path)
            if path[:depth] == origin.path:
                return origin.document.locate((*origin.written, *path[depth:]))
        return Document.locate(self, path)


def composed(piece: Piece, folder: str) -> Composed:
    base = piece.base
    return Composed(
        piece.data, base.file, base.text, base.line, base.faulty, origins=piece.origins, folder=folder
    )
