from types import MappingProxyType

import pytest

from reconciler.control.ownership.field_set import (
    FieldSets,
    field_set,
    from_fields_v1,
    item_element,
    path_text,
    to_fields_v1,
    with_named_fields,
)
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure

PROVIDER = structure_of_kind("Provider")
ITEM = Structure(Shape.GRANULAR, MappingProxyType({"name": Structure(), "weight": Structure()}))
KEYED = Structure(Shape.KEYED_LIST, values=ITEM, keys=("name",))
ROOT = Structure(
    Shape.GRANULAR, MappingProxyType({"items": KEYED, "tags": Structure(Shape.SET), "order": Structure()})
)


def texts(value: JsonValue, structure: Structure = ROOT) -> list[str]:
    return sorted(path_text(path) for path in field_set(value, structure))


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({}, []),
        ({"order": [1, 2]}, [".order"]),
        ({"order": None}, [".order"]),
        ({"tags": ["a", 1]}, ['.tags[="a"]', ".tags[=1]"]),
        ({"tags": []}, []),
        ({"items": [{"name": "a"}]}, ['.items[name="a"]', '.items[name="a"].name']),
        ({"items": "no list"}, [".items"]),
        ({"unknown": {"deep": 1}}, [".unknown"]),
    ],
)
def test_what_a_value_declares(value: JsonValue, paths: list[str]) -> None:
    assert texts(value) == paths


def test_maps_are_owned_field_by_field_and_an_empty_one_for_itself() -> None:
    spec: JsonObject = {"type": "simulator", "config": {"headers": {"x-a": "1"}, "latency": "1s"}}
    content: JsonObject = {"spec": spec, "metadata": {"labels": {"team": "a"}}}
    assert texts(content, PROVIDER) == [
        ".metadata.labels.team",
        ".spec.config.headers.x-a",
        ".spec.config.latency",
        ".spec.type",
    ]
    assert texts({"spec": {"config": {"headers": {}}}}, PROVIDER) == [".spec.config.headers"]


def test_a_secret_is_one_field_however_it_is_written() -> None:
    forms: list[JsonValue] = ["text", {"sealed": "v-1"}, {"valueFrom": {"env": "A_API_KEY"}}]
    for written in forms:
        assert texts({"spec": {"config": {"apiKey": written}}}, PROVIDER) == [".spec.config.apiKey"]


def test_an_item_is_named_by_its_keys_or_its_value() -> None:
    assert item_element({"name": "ü", "weight": 1}, KEYED) == ("k", '{"name":"ü"}')
    assert item_element("no object", KEYED) == ("k", "{}")
    assert item_element("a", Structure(Shape.SET)) == ("v", '"a"')


def test_prefixes_that_end_in_a_declared_property_are_named() -> None:
    paths = field_set({"items": [{"name": "a"}], "order": [1]}, ROOT)
    assert sorted(path_text(path) for path in with_named_fields(paths, ROOT)) == [
        ".items",
        '.items[name="a"]',
        '.items[name="a"].name',
        ".order",
    ]
    below_a_leaf = frozenset({(("f", "order"), ("v", "1"), ("f", "deep"))})
    assert {path_text(path) for path in with_named_fields(below_a_leaf, ROOT)} == {
        ".order",
        ".order[=1].deep",
    }


def test_the_text_is_kubernetes_own() -> None:
    paths = field_set({"items": [{"name": "a"}], "tags": ["x"], "order": []}, ROOT)
    written: JsonObject = {
        "f:items": {'k:{"name":"a"}': {".": {}, "f:name": {}}},
        "f:tags": {'v:"x"': {}},
        "f:order": {},
    }
    assert to_fields_v1(paths) == written
    assert from_fields_v1(written) == paths
    assert to_fields_v1(frozenset()) == {}


def test_a_path_that_runs_through_a_text_is_a_bug() -> None:
    fields = to_fields_v1([(("f", "a"),)])
    fields["f:a"] = "text"
    assert from_fields_v1(fields) == frozenset()


def test_an_item_stands_only_once_in_a_keyed_list_or_a_set() -> None:
    keyed = Structure(Shape.KEYED_LIST, values=Structure(Shape.GRANULAR), keys=("name",))
    root = Structure(Shape.GRANULAR, MappingProxyType({"items": keyed, "tags": Structure(Shape.SET)}))
    with pytest.raises(InvalidInput, match=r'^items: duplicate entries for key \[name="a"\]$'):
        field_set({"items": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, root)
    with pytest.raises(InvalidInput, match=r'^tags: duplicate entries for key \[="x"\]$'):
        field_set({"tags": ["x", "x"]}, root)


SPECS: list[JsonObject] = [
    {},
    {"spec": {}},
    {"spec": {"config": {}}},
    {"spec": {"config": {"headers": {}}}},
    {"spec": {"config": {"headers": {"a": "1"}}}},
    {"spec": {"config": {"headers": {"a": "2"}}}},
    {"spec": {"config": {"headers": {"a": "1", "b": "1"}}}},
    {"spec": {"config": {"headers": None, "latency": "1s"}}},
    {"spec": {"config": {"apiKey": {"valueFrom": {"env": "A"}}}}},
    {"spec": {"config": {"unknown": {"deep": [1]}}}},
    {"spec": {"config": {"unknown": {}}}},
    {"spec": {"enabled": True}, "metadata": {"labels": {"a": "b"}}},
    {"metadata": {"labels": {}}},
]


@pytest.mark.parametrize("one", SPECS, ids=str)
@pytest.mark.parametrize("other", SPECS, ids=str)
def test_two_values_are_told_apart_by_their_fields_without_making_sets(
    one: JsonObject, other: JsonObject
) -> None:
    same = field_set(one, PROVIDER) == field_set(other, PROVIDER)
    told = FieldSets().fits(to_fields_v1(field_set(one, PROVIDER)), other, PROVIDER)
    assert told == (same and other != {})  # who declares nothing is looked at in full


def test_lists_whose_items_have_owners_are_looked_at_in_full() -> None:
    value: JsonObject = {"items": [{"name": "a"}]}
    assert not FieldSets().fits(to_fields_v1(field_set(value, ROOT)), value, ROOT)


@pytest.mark.parametrize("odd", [{"f:spec": "text"}, {"v:spec": {}}, {"f:spec": {"k:{}": {}}}, {".": {}}])
def test_fields_that_no_value_has_fit_none(odd: JsonObject) -> None:
    sets = FieldSets()
    assert [sets.fits(odd, value, PROVIDER) for value in SPECS] == [False] * len(SPECS)


def test_fields_are_looked_into_once_and_kept_apart() -> None:
    sets = FieldSets()
    fields = [to_fields_v1(field_set(value, PROVIDER)) for value in SPECS[1:5]]
    for _ in range(2):
        fitting = [[sets.fits(each, value, PROVIDER) for value in SPECS[1:5]] for each in fields]
        assert fitting == [[one is other for other in fields] for one in fields]
