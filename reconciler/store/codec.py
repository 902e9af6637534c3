"""Resource ⇄ row, and the two digests of the record.

- A resource's digest is over what people write: apiVersion, kind, name, namespace, labels, annotations and spec; and
  over its finalizers and when it was marked for deletion, where it has them. uid, generation, times, managedFields, source and path are not in it.
- A revision's digest is over its own fields, its parent's digest and the digests of what it changed. So the chain
  still proves after old versions have been compacted away.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from sys import intern
from typing import Any, NamedTuple

from reconciler.errors import StoreError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store.canonical import canonical, sha256
from reconciler.store.records import Event, Revision

_SEAL = '"sealed":"v-'
_SEALED = re.compile(r'"sealed":"(v-[A-Za-z0-9_-]+)"')

STORED_COLUMNS = "kind, namespace, name, uid, generation, resource_version, created, valid_from, managed_fields, source, path, body"
"""The columns that `Decoder` takes, in its order."""

_TOGETHER = 200
"""Rows whose bodies are read at once: more of them are hardly faster, and each is there twice meanwhile."""

_NONE: Mapping[str, str] = {}
"""The labels and annotations of all that have none."""

StoredRow = tuple[str, str, str, str, int, int, str, int, str, str | None, str | None, str]


class Encoded(NamedTuple):
    """`body` is what a row holds, `{annotations, deletionTimestamp, finalizers, labels, spec}`, the second and third where
    there are any; it and `spec` are canonical JSON.
    """

    body: str
    spec: str
    digest: str


def digest(resource: Resource) -> str:
    return encode(resource).digest


def encode(resource: Resource) -> Encoded:
    """Raises InvalidInput for what our JSON does not hold. Each part is encoded once, for the body and the digest."""
    annotations = canonical(dict(resource.annotations)) if resource.annotations else b"{}"
    ending = _ending(resource)
    labels = canonical(dict(resource.labels)) if resource.labels else b"{}"
    spec = canonical(resource.spec)
    kind, namespace, name = (canonical(part) for part in resource.key)
    content = (
        b'{"apiVersion":"%b","kind":%b,"metadata":{"annotations":%b,%b"labels":%b,"name":%b,"namespace":%b},"spec":%b}'
        % (API_VERSION.encode(), kind, annotations, ending, labels, name, namespace, spec)
    )
    body = b'{"annotations":%b,%b"labels":%b,"spec":%b}' % (annotations, ending, labels, spec)
    return Encoded(body.decode(), spec.decode(), sha256(content))


def _ending(resource: Resource) -> bytes:
    """The members of its metadata that few resources have: a digest of one without them is what it always was."""
    written = b""
    if resource.deletion_timestamp is not None:
        written += b'"deletionTimestamp":%b,' % canonical(resource.deletion_timestamp)
    if resource.finalizers:
        written += b'"finalizers":%b,' % canonical([*resource.finalizers])
    return written


def decode(key: ResourceKey, body: str) -> Resource:
    """Raises StoreError when the row can't be read; its text stays out of the message."""
    try:
        parts = json.loads(body)
    except ValueError as error:
        raise _unreadable(key) from error
    return _resource(key, parts)


def _resource(key: ResourceKey, parts: Any) -> Resource:
    """Raises as decode."""
    try:
        return Resource(
            key,
            spec=parts["spec"],
            labels=parts["labels"] or _NONE,
            annotations=parts["annotations"] or _NONE,
            finalizers=tuple(parts.get("finalizers", ())),
            deletion_timestamp=parts.get("deletionTimestamp"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(key) from error


def encode_managers(managers: Iterable[FieldManager]) -> str:
    entries = [
        {"manager": each.manager, "operation": each.operation, "fields": each.fields, "time": each.time}
        | ({"subresource": each.subresource} if each.subresource else {})
        for each in managers
    ]
    return json.dumps(entries, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def decode_managers(key: ResourceKey, text: str) -> tuple[FieldManager, ...]:
    try:
        return tuple(FieldManager(**entry) for entry in json.loads(text))
    except (ValueError, TypeError) as error:
        raise _unreadable(key) from error


class Decoder:
    """Turns rows of STORED_COLUMNS into resources.

    What most of a file's resources have alike is there once: managedFields, kind and namespace, when and from where.
    """

    def __init__(self) -> None:
        self._managers: dict[str, tuple[FieldManager, ...]] = {}
        self._alike: dict[str, str] = {}

    def stored_resources(self, rows: Iterable[StoredRow]) -> Iterator[StoredResource]:
        """Raises StoreError at the first row that can't be read."""
        left = iter(rows)
        while batch := list(islice(left, _TOGETHER)):
            together = _read_together([row[-1] for row in batch])
            for position, row in enumerate(batch):
                key = ResourceKey(intern(row[0]), intern(row[1]), row[2])
                resource = decode(key, row[-1]) if together is None else _resource(key, together[position])
                yield self._stored(resource, row)

    def _stored(self, resource: Resource, row: StoredRow) -> StoredResource:
        _, _, _, uid, generation, version, created, valid_from, managed, source, path, _ = row
        key = resource.key
        managers = self._managers.get(managed)
        if managers is None:
            managers = self._managers[managed] = decode_managers(key, managed)
        alike = self._alike
        created = alike.setdefault(created, created)
        source = None if source is None else alike.setdefault(source, source)
        path = None if path is None else alike.setdefault(path, path)
        return StoredResource(resource, uid, generation, version, created, valid_from, managers, source, path)


def _read_together(bodies: Sequence[str]) -> Sequence[JsonValue] | None:
    """The values of all bodies, in half of the time that each by itself takes. None where one can't be read.

    Their numbers stand between them, so that a text with too little or too much in it is seen.
    """
    numbered = "".join(f"{body},{number}," for number, body in enumerate(bodies))
    try:
        read = json.loads(f"[{numbered[:-1]}]")
    except ValueError:
        return None
    return read[::2] if read[1::2] == list(range(len(bodies))) else None


def revision_digest(revision: Revision, parent_digest: str | None, events: Sequence[Event]) -> str:
    """SHA-256 over RFC 8785 JSON of the revision's own fields, `parent` (the parent's digest; null for the first)
    and `changes`: `[[kind, namespace, name], digest before, digest after]` in the order of their resourceVersions.

    Everything a revision says of itself is in it, so commit, dirty and operation too.
    """
    changes: list[JsonValue] = [[list(e.key), e.digest_before, e.digest_after] for e in events]
    content: JsonObject = {
        "parent": parent_digest,
        "number": revision.number,
        "time": revision.time,
        "actor": revision.actor,
        "source": revision.source,
        "commit": revision.commit,
        "dirty": revision.dirty,
        "operation": revision.operation,
        "message": revision.message,
        "changes": changes,
    }
    return sha256(canonical(content))


def holds_spec(body: str, spec: str) -> bool:
    """Whether a body holds this spec, both canonical. As text, since in Python `True == 1`, in JSON not.

    `spec` is a body's last member and JSON nests, so no other member can end in it.
    """
    return body.endswith(f'"spec":{spec}}}')


def named_seals(body: str) -> frozenset[str]:
    """The sealed values that a body, which is canonical JSON, names. What only looks so may be among them."""
    return frozenset(_SEALED.findall(body)) if _SEAL in body else frozenset()


def same_managers(one: Sequence[FieldManager], other: Sequence[FieldManager]) -> bool:
    """Whether they hold the same fields. The time says when that last changed, so it does not count itself."""

    def without_time(managers: Sequence[FieldManager]) -> list[tuple[str, str, str, Mapping[str, JsonValue]]]:
        return [(each.manager, each.operation, each.subresource, each.fields) for each in managers]

    return without_time(one) == without_time(other)


def _unreadable(key: ResourceKey) -> StoreError:
    return StoreError(
        f"the stored row of {key} can't be read",
        hint="restore the store from a backup; what was changed is shown by",
        command="history verify",
    )
