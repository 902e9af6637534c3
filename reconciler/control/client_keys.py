"""What commands make of ClientKeys: a new one, one with another key, one that is refused. Of a key only its hash is here."""

from collections.abc import Callable
from dataclasses import replace

from reconciler.control.client_ready import key_end, keys_of
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.writer import document
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.client_key import MAX_KEYS
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.secrets.key_text import KeyText

KIND = "ClientKey"


def new_client(key: ResourceKey, minted: KeyText, spec: JsonObject, expires: str | None = None) -> Declared:
    """One that is not there yet, with one key, which ends at `expires`. Raises InvalidManifests for what no manifest may say."""
    written: JsonObject = {**spec, "keys": [entry_of(minted, expires)]}
    text = to_yaml([document(key, {}, written)]).encode()
    reading = read_text(text, str(key))
    decoding = decode(reading.documents, namespace=key.namespace)
    problems = [*reading.problems, *decoding.problems]
    if problems:
        raise InvalidManifests([replace(problem, location=None) for problem in problems])
    (declared,) = decoding.declared
    return declared


def entry_of(minted: KeyText, expires: str | None = None) -> JsonObject:
    return {"id": minted.id, "hash": minted.hash, **({"expires": expires} if expires is not None else {})}


def manifest_of(declared: Declared) -> str:
    """As a file of a repository has it."""
    return to_yaml([document(declared.key, {}, declared.resource.spec)])


def active_keys(stored: StoredResource, now: float) -> list[str]:
    """The ids of its keys that are accepted, in their order. `now` in seconds since the epoch."""
    spec = stored.resource.spec
    found = []
    for key in keys_of(spec):
        end = key_end(spec, key)
        if key.get("enabled") is not False and (end is None or end > now):
            found.append(str(key.get("id")))
    return found


def with_key(
    minted: KeyText, ending: frozenset[str], end: str, now: float, expires: str | None = None
) -> Rewrite:
    """One key more, which ends at `expires`. The keys whose ids are `ending` are refused from `end` on, or when they end by themselves. Where there
    is no room left, the first that is accepted no more at `now` makes it.
    """
    last = key_end({}, {"expires": end})

    def ended(key: JsonObject) -> JsonObject:
        own = key_end({}, key)
        longer = own is None or last is None or own > last
        return {**key, "expires": end} if key.get("id") in ending and longer else key

    return lambda target: _with_keys(_with_room(target, now), ended, entry_of(minted, expires))


def with_key_ends(stored: StoredResource, rewrite: Rewrite) -> dict[str, float | None]:
    """Id of a key → when it ends, as it stands after a rewrite."""
    after = _spec(_object(rewrite({"spec": stored.resource.spec})))
    return {str(key.get("id")): key_end(after, key) for key in keys_of(after)}


def without_key(name: str, id_: str) -> Rewrite:
    """One of its keys is refused. The rewrite raises NotFound where it has none of this id."""

    def refused(key: JsonObject) -> JsonObject:
        return {**key, "enabled": False} if key.get("id") == id_ else key

    def rewrite(target: JsonObject) -> JsonValue:
        if not any(key.get("id") == id_ for key in keys_of(_spec(target))):
            raise NotFound(f"{KIND}/{name} has no key {id_}", hint="its keys", command=f"key list {name}")
        return _with_keys(target, refused)

    return rewrite


def refused(target: JsonObject) -> JsonValue:
    """None of its keys is accepted. As a Rewrite."""
    return {**target, "spec": {**_spec(target), "enabled": False}}


def _with_room(target: JsonObject, now: float) -> JsonObject:
    keys: list[JsonValue] = [*keys_of(_spec(target))]
    if len(keys) < MAX_KEYS:
        return target
    over = next((at for at, key in enumerate(keys_of(_spec(target))) if not _accepted(key, now)), len(keys))
    return {**target, "spec": {**_spec(target), "keys": [*keys[:over], *keys[over + 1 :]]}}


def _accepted(key: JsonObject, now: float) -> bool:
    end = key_end({}, key)
    return key.get("enabled") is not False and (end is None or end > now)


def _with_keys(target: JsonObject, each: Callable[[JsonObject], JsonObject], *more: JsonObject) -> JsonObject:
    spec = _spec(target)
    keys: list[JsonValue] = [each(key) for key in keys_of(spec)]
    return {**target, "spec": {**spec, "keys": [*keys, *more]}}


def _spec(target: JsonObject) -> JsonObject:
    return _object(target.get("spec"))


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
