from array import array

import pytest
from fakes.states import stored
from fakes.store import provider

from reconciler.api.packing import (
    pack_groups,
    pack_resources,
    pack_seen,
    pack_state,
    unpack_groups,
    unpack_resources,
    unpack_seen,
    unpack_state,
)
from reconciler.api.records import Seen
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import WorkerRow
from reconciler.store.traffic_query import Group
from reconciler.store.transitions import Transition

MANAGERS = (FieldManager("git:acme", "Apply", {"f:spec": {}}, "2026-01-01T00:00:00Z"),)
ENDING = Resource(
    ResourceKey("Model", "team-a", "m"),
    {"aliases": ["x"]},
    {"a": "b"},
    {"c": "d"},
    finalizers=("f",),
    deletion_timestamp="2026-01-02T00:00:00Z",
)
RESOURCES = (
    StoredResource(ENDING, "u-1", 2, 9, "2026-01-01T00:00:00Z", 3, MANAGERS, "acme", "a.yaml"),
    StoredResource(provider("p"), "u-2", 1, 8, "2026-01-01T00:00:00Z", 3, MANAGERS),
)


def test_resources_come_back_as_they_were() -> None:
    packed = pack_resources(RESOURCES)
    assert isinstance(packed, dict)
    assert isinstance(packed["managers"], list)
    assert len(packed["managers"]) == 1, "what is alike travels once"
    found = unpack_resources(packed)
    assert found == RESOURCES
    assert found[0].managed_fields is found[1].managed_fields
    assert found[0].resource == ENDING
    state = State(RESOURCES, revision=3)
    again = unpack_state(pack_state(state))
    assert (again, again.revision) == (state, 3)


@pytest.mark.parametrize("name", ["a\x1b[2J", "a\u202e", "a\nb"])
def test_a_name_that_moves_the_cursor_is_no_name(name: str) -> None:
    """Whoever answers may say anything, and names go to a terminal as they are."""
    packed = pack_resources([stored_as(name)])
    with pytest.raises(InvalidInput):
        unpack_resources(packed)


def stored_as(name: str) -> StoredResource:
    return StoredResource(Resource(ResourceKey("Model", "default", name), {}), "u", 1, 1, "", 1)


def test_groups_come_back_with_their_durations() -> None:
    group = Group(("m", None, 200), 3, 1, durations=array("q", [5, 2**40]), first_bytes=array("q", [-1]))
    assert unpack_groups(pack_groups([group])) == [group]


def test_what_workers_say_comes_back() -> None:
    worker = WorkerRow(
        "w",
        7,
        1.5,
        2.0,
        3,
        (("Provider/p", "no"),),
        {"a": {"b": [1, 2.5]}},
        {"Provider/p": 2},
        {"Provider/p": "x"},
    )
    circuits = (CircuitRow("w", "Provider/p", "m", "open", 1.0, "f", 2.0),)
    health = HealthRows(
        circuits, {"Provider/p": ProbeRow("Provider/p", healthy=False, since=1.0, probed=2.0)}, "w"
    )
    seen = Seen("sqlite:///s", 3.0, (worker,), (Transition(1.0, "w", "Serving", number=4),), health)
    assert unpack_seen(pack_seen(seen)) == seen
    assert seen.live == (worker,)
    assert seen.observed().workers == (worker,)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"managers": []},
        {"managers": [], "items": {}},
        {"managers": [], "items": [7]},
        {"managers": [], "items": [[1, 2]]},
        {"managers": [], "items": [["K", "n", "x", "u", 1, 2, "t", 3, 0, None, None, {"spec": {}}]]},
        {"managers": [[]], "items": [["K", "n", "x", "u", "1", 2, "t", 3, 0, None, None, {"spec": {}, "labels": {}, "annotations": {}}]]},
    ],
)  # fmt: skip
def test_what_is_no_resource_is_refused(document: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        unpack_resources(document)


@pytest.mark.parametrize(
    "document", [None, [7], [{"key": "x"}], [{"key": []}], [{"key": [], **dict.fromkeys(("requests",), "x")}]]
)
def test_what_is_no_group_is_refused(document: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        unpack_groups(document)


def test_odd_durations_are_refused() -> None:
    packed = pack_groups([Group(("m",))])
    assert isinstance(packed, list)
    assert isinstance(packed[0], dict)
    for odd in ("*", "AAA=", 7):
        with pytest.raises(InvalidInput):
            unpack_groups([{**packed[0], "durations": odd}])


@pytest.mark.parametrize("document", [None, {}, {"workers": [7]}, {"workers": {}}])
def test_what_nobody_saw_is_refused(document: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        unpack_seen(document)


def test_a_stored_resource_of_a_test_travels_too() -> None:
    assert unpack_resources(pack_resources([stored(provider("p"))])) == (stored(provider("p")),)
