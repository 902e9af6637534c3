import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.kustomize.strategic_merge import MergeError, strategic_merge
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.json_types import JsonObject

NAMES = st.sampled_from("abc")
LEAVES = st.one_of(st.integers(0, 2), st.text("xy", max_size=1))
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)


def merged(target: JsonObject, patch: JsonObject) -> JsonObject | None:
    return strategic_merge(target, patch)


@given(
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.dictionaries(NAMES, st.one_of(st.none(), VALUES), max_size=3),
)
def test_without_directives_it_is_a_json_merge_patch_unless_types_clash(
    target: JsonObject, patch: JsonObject
) -> None:
    before = repr(target)
    try:
        found = strategic_merge(target, patch)
    except MergeError:
        return
    assert found == merge_patch(target, patch)
    assert repr(target) == before


def test_lists_replace_and_keep_what_stands_in_them() -> None:
    patch: JsonObject = {"a": [{"b": None, "$patch": "delete"}]}
    assert merged({"a": [1, 2]}, patch) == {"a": [{"b": None, "$patch": "delete"}]}


def test_a_mapping_may_be_replaced_or_deleted() -> None:
    target: JsonObject = {"kept": {"a": 1}, "replaced": {"a": 1}, "gone": {"a": 1}}
    patch: JsonObject = {
        "kept": {"$patch": "merge", "b": 2},
        "replaced": {"$patch": "replace", "b": {"c": None, "d": 3}},
        "gone": {"$patch": "delete"},
        "new": {"$patch": "replace", "x": {"$patch": "delete"}},
    }
    assert merged(target, patch) == {"kept": {"a": 1, "b": 2}, "replaced": {"b": {"d": 3}}, "new": {}}


def test_a_whole_resource_may_be_deleted() -> None:
    assert merged({"a": 1}, {"$patch": "delete", "kind": "Model"}) is None


@pytest.mark.parametrize(
    ("patch", "path", "message"),
    [
        ({"$patch": "replace"}, ("$patch",), "a whole resource can't be replaced"),
        ({"m": {"$patch": "away"}}, ("m", "$patch"), "unknown directive"),
        ({"m": 1}, ("m",), "a plain value can't be merged into a mapping"),
        ({"m": {"s": [1]}}, ("m", "s"), "a list can't be merged into a plain value"),
        ({"l": {"$patch": "delete"}}, ("l",), "a mapping can't be merged into a list"),
    ],
)
def test_what_can_not_be_merged(patch: JsonObject, path: tuple[str, ...], message: str) -> None:
    with pytest.raises(MergeError, match=message) as caught:
        merged({"m": {"s": 1}, "l": []}, patch)
    assert caught.value.path == path
    assert caught.value.hint
