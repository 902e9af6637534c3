import pytest

from reconciler.control.patch.merge_patch import merge_patch
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

APPENDIX_A: list[tuple[JsonValue, JsonValue, JsonValue]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "expected"), APPENDIX_A, ids=str)
def test_the_examples_of_the_rfc(target: JsonValue, patch: JsonValue, expected: JsonValue) -> None:
    assert merge_patch(target, patch) == expected


def test_members_keep_their_place() -> None:
    merged = merge_patch({"a": 1, "b": 2, "c": 3}, {"d": 4, "b": 5, "a": None})
    assert isinstance(merged, dict)
    assert [*merged.items()] == [("b", 5), ("c", 3), ("d", 4)]


def test_the_result_shares_nothing_with_what_came_in() -> None:
    target: JsonObject = {"kept": {"list": [1]}, "merged": {"a": [1]}}
    patch: JsonObject = {"new": {"list": [1]}, "merged": {"b": [1]}}
    merged = merge_patch(target, patch)
    spoil(merged)
    assert target == {"kept": {"list": [1]}, "merged": {"a": [1]}}
    assert patch == {"new": {"list": [1]}, "merged": {"b": [1]}}


def spoil(value: JsonValue) -> None:
    """Changes every list and object in `value`."""
    if isinstance(value, dict):
        for item in value.values():
            spoil(item)
        value["spoilt"] = True
    elif isinstance(value, list):
        value.append("spoilt")


def test_a_patch_that_nests_too_deep_is_refused() -> None:
    patch: JsonValue = 1
    for _ in range(5_000):
        patch = {"a": patch}
    with pytest.raises(InvalidInput, match="the patch has more than 64 collections inside one another"):
        merge_patch({}, patch)
