"""Forms of what there is much of: resources, groups of requests, rows of workers. All else has that of `forms`.

Of 10,000 resources the managedFields are a few dozen texts over and over, so they travel once, and are one value again at
the other end; bodies are objects, so that all is read at once.
"""

import base64
import binascii
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import cast

from reconciler.api.forms import NotThatForm, from_json, to_json
from reconciler.api.records import Seen
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.counters import Counters
from reconciler.store.health import HealthRows
from reconciler.store.notices import Notice
from reconciler.store.observations import WorkerRow
from reconciler.store.traffic_query import Group
from reconciler.store.transitions import Transition

_ARRAYS = ("durations", "first_bytes")
_COUNTED = tuple(each.name for each in fields(Group) if each.name not in ("key", *_ARRAYS))
_WORKER = ("instance", "pid", "started", "heartbeat", "revision")


def pack_resources(resources: Iterable[StoredResource]) -> JsonValue:
    """`{managers: [...], items: [[kind, namespace, name, uid, ...]]}`."""
    places: dict[int, int] = {}
    managers: list[JsonValue] = []
    kept: list[object] = []  # else an id could be used again
    items: list[JsonValue] = []
    for stored in resources:
        at = places.get(id(stored.managed_fields))
        if at is None:
            at = places[id(stored.managed_fields)] = len(managers)
            kept.append(stored.managed_fields)
            managers.append(to_json(stored.managed_fields, tuple[FieldManager, ...]))
        items.append(_item(stored, at))
    return {"managers": managers, "items": items}


def _item(stored: StoredResource, managers: int) -> JsonValue:
    resource = stored.resource
    body: JsonObject = {
        "spec": resource.spec,
        "labels": dict(resource.labels),
        "annotations": dict(resource.annotations),
    }
    if resource.finalizers:
        body["finalizers"] = [*resource.finalizers]
    if resource.deletion_timestamp is not None:
        body["deletionTimestamp"] = resource.deletion_timestamp
    return [
        *resource.key,
        stored.uid,
        stored.generation,
        stored.resource_version,
        stored.creation_timestamp,
        stored.revision,
        managers,
        stored.source,
        stored.path,
        body,
    ]


def unpack_resources(document: JsonValue) -> tuple[StoredResource, ...]:
    """Raises InvalidInput."""
    packed = _object(document)
    managers: tuple[tuple[FieldManager, ...], ...] = from_json(
        packed.get("managers"), tuple[tuple[FieldManager, ...], ...], "managers"
    )
    items = packed.get("items")
    if not isinstance(items, list):
        raise NotThatForm("items", "a list")
    try:
        return tuple(_stored(cast("list[JsonValue]", item), managers) for item in items)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        raise NotThatForm("items", "a list of resources") from None


def _stored(item: list[JsonValue], managers: Sequence[tuple[FieldManager, ...]]) -> StoredResource:
    kind, namespace, name, uid, generation, version, created, revision, at, source, path, body = item
    held = cast("dict[str, JsonObject]", body)
    key = ResourceKey(str(kind), str(namespace), str(name))
    if not all(map(str.isprintable, key)):
        raise ValueError("no store holds such a name, and it would go to a terminal")
    resource = Resource(
        key,
        spec=dict(held["spec"]),
        labels=cast("dict[str, str]", held["labels"]),
        annotations=cast("dict[str, str]", held["annotations"]),
        finalizers=tuple(str(each) for each in held.get("finalizers", ())),
        deletion_timestamp=cast("str | None", held.get("deletionTimestamp")),
    )
    return StoredResource(
        resource,
        str(uid),
        _number(generation),
        _number(version),
        str(created),
        _number(revision),
        managers[_number(at)],
        cast("str | None", source),
        cast("str | None", path),
    )


def pack_state(state: State) -> JsonValue:
    return {"revision": state.revision, "resources": pack_resources(state.values())}


def unpack_state(document: JsonValue) -> State:
    packed = _object(document)
    return State(unpack_resources(packed.get("resources")), revision=_number(packed.get("revision")))


def pack_groups(groups: Iterable[Group]) -> JsonValue:
    return [_group(group) for group in groups]


def _group(group: Group) -> JsonValue:
    told: JsonObject = {"key": [*group.key]}
    told |= {name: getattr(group, name) for name in _COUNTED}
    return told | {name: _packed(getattr(group, name)) for name in _ARRAYS}


def unpack_groups(document: JsonValue) -> list[Group]:
    if not isinstance(document, list):
        raise NotThatForm("", "a list")
    return [_read_group(_object(each)) for each in document]


def _read_group(told: JsonObject) -> Group:
    key = told.get("key")
    if not isinstance(key, list):
        raise NotThatForm("key", "a list")
    counted = {name: _number(told.get(name)) for name in _COUNTED}
    group = Group(
        tuple(None if each is None else each if isinstance(each, int) else str(each) for each in key)
    )
    for name, number in counted.items():
        setattr(group, name, number)
    group.durations, group.first_bytes = (_unpacked(told.get(name)) for name in _ARRAYS)
    return group


def _packed(numbers: "array[int]") -> str:
    return base64.b64encode(_little(numbers).tobytes()).decode()


def _unpacked(text: JsonValue) -> "array[int]":
    numbers = array("q")
    try:
        numbers.frombytes(base64.b64decode(text if isinstance(text, str) else "*", validate=True))
    except (binascii.Error, ValueError):
        raise NotThatForm("durations", "numbers") from None
    return _little(numbers)


def _little(numbers: "array[int]") -> "array[int]":
    """From this machine's order of bytes to the one that travels, or back."""
    if sys.byteorder == "little":
        return numbers
    turned = array("q", numbers)
    turned.byteswap()
    return turned


def pack_seen(seen: Seen) -> JsonValue:
    return {
        "store": seen.store,
        "now": to_json(seen.now, float),
        "workers": [_worker(row) for row in seen.workers],
        "log": to_json(seen.log, tuple[Transition, ...]),
        "health": to_json(seen.health, HealthRows),
        "notices": to_json(seen.notices, tuple[Notice, ...]),
    }


def unpack_seen(document: JsonValue) -> Seen:
    told = _object(document)
    rows = told.get("workers")
    if not isinstance(rows, list):
        raise NotThatForm("workers", "a list")
    return Seen(
        cast("str", from_json(told.get("store"), str, "store")),
        cast("float", from_json(told.get("now"), float, "now")),
        tuple(_read_worker(_object(row)) for row in rows),
        from_json(told.get("log"), tuple[Transition, ...], "log"),
        from_json(told.get("health"), HealthRows, "health"),
        from_json(told.get("notices", []), tuple[Notice, ...], "notices"),
    )


def _worker(row: WorkerRow) -> JsonValue:
    told: JsonObject = {name: getattr(row, name) for name in _WORKER}
    return told | {
        "refused": [[*each] for each in row.refused],
        "counters": cast("JsonObject", row.counters),
        "builds": dict(row.builds),
        "causes": dict(row.causes),
    }


def _read_worker(told: JsonObject) -> WorkerRow:
    return WorkerRow(
        cast("str", from_json(told.get("instance"), str, "instance")),
        _number(told.get("pid")),
        cast("float", from_json(told.get("started"), float, "started")),
        cast("float", from_json(told.get("heartbeat"), float, "heartbeat")),
        _number(told.get("revision")),
        from_json(told.get("refused"), tuple[tuple[str, str], ...], "refused"),
        cast("Counters", _object(told.get("counters"))),
        from_json(told.get("builds"), dict[str, int], "builds"),
        from_json(told.get("causes"), dict[str, str], "causes"),
    )


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise NotThatForm("", "an object")
    return value


def _number(value: JsonValue) -> int:
    if type(value) is not int:
        raise NotThatForm("", "a whole number")
    return value
