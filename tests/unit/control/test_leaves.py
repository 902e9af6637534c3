from reconciler.control.leaves import leaves, object_of
from reconciler.json_types import JsonObject
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape

PROVIDER = structure_of_kind("Provider")
CONTENT: JsonObject = {
    "metadata": {"labels": {"a.b/c": "1"}, "annotations": {}},
    "spec": {"type": "lm-studio", "config": {"timeout": "90s", "apiKey": {"sealed": "v-1"}, "headers": {}}},
}


def test_maps_are_opened_and_all_else_is_whole() -> None:
    found = leaves(CONTENT, PROVIDER)
    assert {path: value for path, (value, _) in found.items()} == {
        ("metadata", "labels", "a.b/c"): "1",
        ("metadata", "annotations"): {},
        ("spec", "type"): "lm-studio",
        ("spec", "config", "timeout"): "90s",
        ("spec", "config", "apiKey"): {"sealed": "v-1"},
        ("spec", "config", "headers"): {},
    }
    assert found["spec", "config", "timeout"][1].shape is Shape.DURATION
    assert leaves({"spec": {"aliases": ["a", "b"]}}, structure_of_kind("Model"))[("spec", "aliases")][0] == [
        "a",
        "b",
    ]


def test_there_and_back() -> None:
    assert object_of({path: value for path, (value, _) in leaves(CONTENT, PROVIDER).items()}) == CONTENT
    assert leaves({}, PROVIDER) == {}
    assert object_of({}) == {}


def test_an_inner_field_counts_more_than_an_empty_map_around_it() -> None:
    made = object_of({("a", "b"): 1, ("a",): {}, ("c",): "x", ("c", "d"): 2})
    assert made == {"a": {"b": 1}, "c": {"d": 2}}


def test_what_is_made_shares_nothing_with_what_came_in() -> None:
    empty: JsonObject = {}
    object_of({("a",): empty, ("a", "b"): 1})
    assert empty == {}
