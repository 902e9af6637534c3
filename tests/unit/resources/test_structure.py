import pytest

from reconciler.json_types import JsonObject
from reconciler.resources.kinds import KINDS
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import (
    ATOMIC,
    FREE,
    Shape,
    Structure,
    canonical,
    secret_places,
    structure_of,
    structure_of_object,
)

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
        ("Binding", "spec.config.defaults", Shape.GRANULAR),
        ("Binding", "spec.config.defaults.metadata", Shape.ATOMIC),
        ("Binding", "spec.config.drop", Shape.ATOMIC),
        ("Settings", "spec.defaultModel", Shape.ATOMIC),
        ("Secret", "spec.data", Shape.GRANULAR),
        ("Secret", "spec.data.KEY", Shape.SECRET),
        ("Secret", "spec.hosts", Shape.ATOMIC),
    ],
)
def test_the_shape_of_a_field(kind: str, path: str, shape: Shape) -> None:
    node = structure_of_kind(kind)
    for name in path.split("."):
        node = node.child(name)
    assert node.shape is shape


def test_the_name_is_no_field_that_somebody_owns() -> None:
    for kind in KINDS:
        assert set(structure_of_kind(kind).child("metadata").properties) == {
            "labels",
            "annotations",
            "finalizers",
        }


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
    provider = structure_of_kind("Provider").child("spec")
    secret = structure_of_kind("Secret").child("spec")
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


def test_what_is_not_described_is_granular_in_maps_and_atomic_in_lists() -> None:
    free = structure_of({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {})
    assert free.child("a").child("b") is FREE
    assert structure_of({"x-kubernetes-preserve-unknown-fields": True}, {}) is FREE
    described: JsonObject = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"list": {"type": "array", "items": TEXT}},
    }
    mixed = structure_of(described, {})
    assert (mixed.child("list"), mixed.child("other")) == (ATOMIC, FREE)


def test_a_map_may_be_atomic_and_a_nullable_field_is_what_it_is() -> None:
    atomic: JsonObject = {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": TEXT}}
    assert structure_of(atomic, {}) == ATOMIC
    nullable = structure_of({"type": "object", "nullable": True, "properties": {"a": TEXT}}, {})
    assert (nullable.shape, set(nullable.properties)) == (Shape.GRANULAR, {"a"})


def test_rules_beside_the_type_say_nothing_about_the_structure() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"a": TEXT, "b": TEXT},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    assert set(structure_of(schema, {}).properties) == {"a", "b"}
    either: JsonObject = {"anyOf": [{"type": "integer"}, TEXT], "x-kubernetes-int-or-string": True}
    assert structure_of(either, {}) == ATOMIC
    referred: JsonObject = {"allOf": [{"$ref": "#/components/schemas/T"}], "default": {}}
    assert (
        structure_of(referred, {"T": {"type": "object", "properties": {"a": TEXT}}}).shape is Shape.GRANULAR
    )


def test_the_metadata_of_a_whole_object_are_known() -> None:
    whole = structure_of_object(
        {"type": "object", "properties": {"metadata": {"type": "object"}, "spec": TEXT}}
    )
    assert set(whole.properties) == {"apiVersion", "kind", "metadata", "spec"}
    metadata = whole.child("metadata")
    assert metadata.child("labels").child("any") == ATOMIC
    assert metadata.child("labels").shape is Shape.GRANULAR
    assert metadata.child("finalizers").shape is Shape.SET
    assert (metadata.child("ownerReferences").keys, metadata.child("ownerReferences").values) == (
        ("uid",),
        ATOMIC,
    )
    assert metadata.child("managedFields") == ATOMIC
