import pytest

from reconciler.json_types import JsonObject
from reconciler.resources.scheme import KINDS
from reconciler.resources.structure import ATOMIC, Shape, Structure, canonical, secret_places, structure_of

TEXT: JsonObject = {"type": "string"}


@pytest.mark.parametrize(
    ("kind", "path", "shape"),
    [
        ("Provider", "spec", Shape.GRANULAR),
        ("Provider", "spec.type", Shape.ATOMIC),
        ("Provider", "spec.config", Shape.GRANULAR),
        ("Provider", "spec.config.apiKey", Shape.SECRET),
        ("Provider", "spec.config.timeout", Shape.DURATION),
        ("Provider", "spec.config.connectTimeout", Shape.DURATION),
        ("Provider", "spec.config.latency", Shape.DURATION),
        ("Provider", "spec.config.interval", Shape.DURATION),
        ("Provider", "spec.config.headers", Shape.GRANULAR),
        ("Provider", "spec.config.headers.x-team", Shape.ATOMIC),
        ("Provider", "metadata.labels", Shape.GRANULAR),
        ("Provider", "metadata.annotations.note", Shape.ATOMIC),
        ("Model", "spec.aliases", Shape.ATOMIC),
        ("Model", "spec.contextWindow", Shape.ATOMIC),
        ("Binding", "spec.priority", Shape.ATOMIC),
        ("Settings", "spec.defaultModel", Shape.ATOMIC),
        ("Secret", "spec.data", Shape.GRANULAR),
        ("Secret", "spec.data.KEY", Shape.SECRET),
        ("Secret", "spec.hosts", Shape.ATOMIC),
    ],
)
def test_the_shape_of_a_field(kind: str, path: str, shape: Shape) -> None:
    node = KINDS[kind].structure
    for name in path.split("."):
        node = node.child(name)
    assert node.shape is shape


def test_the_name_is_no_field_that_somebody_owns() -> None:
    for kind in KINDS.values():
        assert set(kind.structure.child("metadata").properties) == {"labels", "annotations"}


def test_lists_say_what_they_are() -> None:
    items: JsonObject = {"type": "object", "properties": {"name": TEXT}}
    assert structure_of({"type": "array", "items": TEXT}, {}) == ATOMIC
    assert structure_of({"type": "array", "x-kubernetes-list-type": "set"}, {}).shape is Shape.SET
    keyed = structure_of(
        {
            "type": "array",
            "items": items,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
        },
        {},
    )
    assert (keyed.shape, keyed.keys) == (Shape.KEYED_LIST, ("name",))
    assert keyed.values == structure_of(items, {})
    assert structure_of({"type": "array", "x-kubernetes-list-type": "map"}, {}).keys == ()


def test_an_object_may_be_atomic() -> None:
    assert (
        structure_of({"type": "object", "properties": {"a": TEXT}, "x-kubernetes-map-type": "atomic"}, {})
        == ATOMIC
    )


def test_a_union_of_objects_is_one_object_with_all_their_fields() -> None:
    one: JsonObject = {"type": "object", "properties": {"a": TEXT}}
    two: JsonObject = {"type": "object", "properties": {"b": {"x-routerctl-type": "duration"}}}
    merged = structure_of({"oneOf": [one, {"$ref": "#/$defs/Two"}]}, {"Two": two})
    assert {name: child.shape for name, child in merged.properties.items()} == {
        "a": Shape.ATOMIC,
        "b": Shape.DURATION,
    }


def test_a_union_of_different_shapes_is_atomic() -> None:
    one: JsonObject = {"type": "object", "properties": {"a": TEXT}}
    assert structure_of({"anyOf": [one, TEXT]}, {}) == ATOMIC
    assert (
        structure_of({"anyOf": [{"x-routerctl-type": "secret"}, {"type": "null"}]}, {}).shape is Shape.SECRET
    )


def test_a_definition_that_is_no_object() -> None:
    with pytest.raises(TypeError):
        structure_of({"$ref": "#/$defs/A"}, {"A": True})


def test_the_places_of_secrets() -> None:
    provider = KINDS["Provider"].structure.child("spec")
    secret = KINDS["Secret"].structure.child("spec")
    spec: JsonObject = {"type": "lm-studio", "config": {"apiKey": "sk-1", "headers": {"apiKey": "no"}}}
    assert list(secret_places(provider, spec)) == [("config", "apiKey")]
    assert list(secret_places(secret, {"data": {"A": {"value": "1"}, "B": {}}, "hosts": ["a"]})) == [
        ("data", "A"),
        ("data", "B"),
    ]


def test_canonical_leaves_alone_what_does_not_fit() -> None:
    duration = Structure(Shape.DURATION)
    assert canonical(duration, None) is None
    assert canonical(duration, ["90s"]) == ["90s"]
    assert canonical(Structure(Shape.GRANULAR), "text") == "text"
