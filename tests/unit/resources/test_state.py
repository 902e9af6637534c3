import pytest

from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

KEY = ResourceKey("Secret", "default", "s")
STORED = StoredResource(Resource(KEY, {"data": "canary"}), "uid", 1, 1, "2026-01-01T00:00:00Z", 1)


def test_a_state_is_a_mapping_of_what_is_stored() -> None:
    state = State([STORED], revision=3)
    assert (state[KEY], list(state), len(state), state.revision) == (STORED, [KEY], 1, 3)
    assert (state.get(KEY), state.get(KEY._replace(name="other"))) == (STORED, None)


def test_the_empty_state_is_that_before_the_first_revision() -> None:
    assert (dict(State()), State().revision) == ({}, 0)
    with pytest.raises(KeyError):
        State()[KEY]


def test_a_state_does_not_show_what_it_holds() -> None:
    assert repr(State([STORED], revision=3)) == "<State of revision 3: 1 resources>"


def test_what_is_being_deleted_does_not_last() -> None:
    key = ResourceKey("Model", "default", "m")
    marked = Resource(key, {}, finalizers=("f",), deletion_timestamp="t")
    stays = Resource(key._replace(name="n"), {})
    state = State([StoredResource(each, "u", 1, 1, "t", 1) for each in (marked, stays)], revision=3)
    assert [*state.lasting()] == [stays.key]
    assert state.lasting().revision == 3
    assert state.lasting().lasting() == state.lasting()
