from types import MappingProxyType

import pytest

from reconciler.control.ownership.field_set import field_set, path_text
from reconciler.control.ownership.value import compare, extract, merge, remove, shown_at
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure

ITEM = Structure(Shape.GRANULAR, MappingProxyType({"name": Structure(), "weight": Structure()}))
ROOT = Structure(
    Shape.GRANULAR,
    MappingProxyType(
        {
            "items": Structure(Shape.KEYED_LIST, values=ITEM, keys=("name",)),
            "tags": Structure(Shape.SET),
            "order": Structure(),
            "wait": Structure(Shape.DURATION),
            "map": Structure(Shape.GRANULAR, values=Structure()),
        }
    ),
)


def items(*names: str) -> JsonObject:
    return {"items": [{"name": name} for name in names]}


def test_a_merge_puts_one_over_the_other() -> None:
    live: JsonObject = {"order": [1], "map": {"a": 1, "b": 2}, "wait": "90s"}
    declared: JsonObject = {"order": [2, 3], "map": {"b": 3, "c": 4}, "wait": "1m30s"}
    assert merge(live, declared, ROOT) == {
        "order": [2, 3],
        "map": {"a": 1, "b": 3, "c": 4},
        "wait": "90s",
    }
    assert live == {"order": [1], "map": {"a": 1, "b": 2}, "wait": "90s"}


@pytest.mark.parametrize(
    ("live", "declared", "merged"),
    [
        ("ab", "b", "ab"),
        ("ab", "ba", "ba"),
        ("abc", "ca", "bca"),
        ("abcd", "db", "acdb"),
        ("", "ba", "ba"),
        ("ab", "", "ab"),
        ("ab", "cb", "acb"),
    ],
)
def test_items_of_both_lists_keep_their_own_order(live: str, declared: str, merged: str) -> None:
    assert merge(items(*live), items(*declared), ROOT) == items(*merged)
    tags = merge({"tags": [*live]}, {"tags": [*declared]}, ROOT)
    assert tags == {"tags": [*merged]}


def test_equal_items_are_merged() -> None:
    live: JsonObject = {"items": [{"name": "a", "weight": 1, "other": 2}]}
    declared: JsonObject = {"items": [{"name": "a", "weight": 3}]}
    assert merge(live, declared, ROOT) == {"items": [{"name": "a", "weight": 3, "other": 2}]}


def test_another_type_replaces() -> None:
    assert merge({"map": 1}, {"map": {"a": 1}}, ROOT) == {"map": {"a": 1}}
    assert merge({"items": {}}, items("a"), ROOT) == items("a")


def differences(old: JsonValue, new: JsonValue) -> tuple[list[str], list[str], list[str]]:
    found = compare(old, new, ROOT)
    added, modified, removed = (
        sorted(path_text(path) for path in paths) for paths in (found.added, found.modified, found.removed)
    )
    return added, modified, removed


def test_what_differs_is_told_by_path() -> None:
    old: JsonObject = {"map": {"a": 1, "b": 1}, "order": [1], "wait": "90s"}
    new: JsonObject = {"map": {"b": 2, "c": 1}, "order": [1], "wait": 90_000, "tags": ["x"]}
    assert differences(old, new) == ([".map.c", ".tags", '.tags[="x"]'], [".map.b"], [".map.a"])


def test_items_differ_by_their_keys() -> None:
    old: JsonObject = {"items": [{"name": "a", "weight": 1}, {"name": "b"}]}
    new: JsonObject = {"items": [{"name": "a", "weight": 2}]}
    assert differences(old, new) == (
        [],
        ['.items[name="a"].weight'],
        ['.items[name="b"]', '.items[name="b"].name'],
    )


def test_a_value_of_another_type_is_modified_as_a_whole() -> None:
    assert differences({"map": {"a": 1}}, {"map": "a"}) == ([], [".map"], [])
    assert differences({"order": [1]}, {"order": [True]}) == ([], [".order"], [])


def test_null_stands_for_an_empty_map_or_list() -> None:
    assert differences({"map": {"a": 1}}, {"map": None}) == ([], [], [".map.a"])
    assert differences({"tags": None}, {"tags": ["x"]}) == (['.tags[="x"]'], [], [])
    assert differences({"map": None}, {"map": {}}) == ([], [".map"], [])


def test_a_null_over_a_map_takes_nothing_away_and_over_a_leaf_it_wins() -> None:
    live: JsonObject = {"map": {"a": 1}, "tags": ["x"], "order": [1]}
    assert merge(live, {"map": None, "tags": None, "order": None}, ROOT) == {**live, "order": None}


def test_where_nothing_changes_the_live_value_itself_comes_back() -> None:
    live: JsonObject = {"map": {"a": 1, "b": 2}, "order": [1], "wait": 90_000}
    assert merge(live, {"map": {"a": 1}, "wait": "90s"}, ROOT) is live


def test_removing_leaves_what_it_empties() -> None:
    value: JsonObject = {"map": {"a": 1}, "tags": ["x"], "order": [1]}
    paths = field_set({"map": {"a": 1}, "tags": ["x"]}, ROOT)
    assert remove(value, paths, ROOT) == {"map": {}, "tags": [], "order": [1]}
    assert remove(value, frozenset(), ROOT) is value


def test_extracting_gives_what_a_set_names() -> None:
    value: JsonObject = {
        "map": {"a": 1, "b": 2},
        "items": [{"name": "a", "weight": 1}, {"name": "b", "weight": 2}],
        "tags": ["x", "y"],
        "order": [1],
    }
    declared: JsonObject = {"map": {"a": 1}, "items": [{"name": "b"}], "tags": ["y"]}
    assert extract(value, field_set(declared, ROOT), ROOT) == declared
    assert extract(value, frozenset(), ROOT) == {}


def test_a_container_that_is_owned_for_itself_is_extracted_empty() -> None:
    own_map = frozenset({(("f", "map"),)})
    assert extract({"map": {"a": 1}, "order": [1]}, own_map, ROOT) == {"map": {}}
    own_list = frozenset({(("f", "items"),)})
    assert extract(items("a"), own_list, ROOT) == {"items": []}
    assert extract({"a": 1}, frozenset(), Structure()) == {"a": 1}


def test_a_value_as_it_may_be_shown() -> None:
    structure = structure_of_kind("Provider")
    content: JsonObject = {"spec": {"type": "lm-studio", "config": {"apiKey": "sk-canary", "timeout": "9s"}}}
    key = ("spec", "config", "apiKey")
    assert shown_at(key, content, structure) == "(sealed)"
    assert shown_at(("spec", "config", "timeout"), content, structure) == "9s"
    assert shown_at(("spec", "config", "gone", "deeper"), content, structure) is None
    reference: JsonObject = {"valueFrom": {"env": "A_TOKEN"}}
    assert shown_at(key, {"spec": {"config": {"apiKey": reference}}}, structure) == reference
    assert shown_at(key, {"spec": {"config": {"apiKey": {"sealed": "v-1"}}}}, structure) == "(sealed)"
