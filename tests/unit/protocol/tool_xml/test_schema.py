import pytest

from reconciler.protocol.tool_xml.schema import ANYTHING, Schema, Schemas, kind_of

ROOT: dict[str, object] = {
    "$defs": {
        "Name": {"type": "string"},
        "a/b": {"type": "null"},
        "Tree": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "object"}]},
        "Loop": {"$ref": "#/$defs/Loop"},
        "All": {"allOf": [{"$ref": "#/$defs/All"}, {"properties": {"x": {"type": "integer"}}}]},
    }
}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "string"}, {"string"}),
        ({"type": "number"}, {"number", "integer"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"type": "string", "nullable": True}, {"string", "null"}),
        ({"type": "strange"}, ANYTHING),
        ({"type": 5}, ANYTHING),
        ({"properties": {}}, {"object"}),
        ({"items": {}}, {"array"}),
        ({"enum": ["a", 1]}, {"string", "integer"}),
        ({"const": None}, {"null"}),
        ({"type": "string", "enum": ["a", 1]}, {"string"}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"integer", "null"}),
        ({"oneOf": [{"type": "boolean"}]}, {"boolean"}),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": ["string", "null"]}]}, {"string"}),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, ANYTHING),
        ({"$ref": "#/$defs/Name"}, {"string"}),
        ({"$ref": "#/$defs/a~1b"}, {"null"}),
        ({"$ref": "#/$defs/Tree"}, {"object"}),
        ({"$ref": "#/$defs/Loop"}, ANYTHING),
        ({"$ref": "#/$defs/none"}, ANYTHING),
        ({"$ref": "https://elsewhere.example/schema"}, ANYTHING),
        (True, ANYTHING),
        ("nonsense", ANYTHING),
    ],
)
def test_which_kinds_a_value_may_be_of(schema: Schema, kinds: set[str]) -> None:
    assert Schemas(ROOT).kinds(schema) == kinds


def test_properties_are_its_own_and_those_of_all_its_parts() -> None:
    schemas = Schemas(ROOT)
    assert schemas.properties({"$ref": "#/$defs/All"}) == {"x": {"type": "integer"}}
    own = {"properties": {"y": 1}, "allOf": [{"properties": {"y": 2, "z": 3}}]}
    assert schemas.properties(own) == {"y": 1, "z": 3}
    assert schemas.properties({"properties": 5}) == {}
    assert schemas.items({"items": {"type": "null"}}) == {"type": "null"}
    assert schemas.items(7) is True


def test_a_schema_that_is_nested_too_deeply_is_anything() -> None:
    deep: dict[str, object] = {"type": "string"}
    for _ in range(5000):
        deep = {"anyOf": [deep], "allOf": [deep]}
    assert Schemas({}).kinds(deep) == ANYTHING
    assert Schemas({}).properties(deep) == {}


def test_one_that_refers_to_itself_many_times_is_looked_at_once() -> None:
    root: dict[str, object] = {}
    root["$defs"] = {"A": {"anyOf": [{"$ref": "#/$defs/A"}] * 50 + [{"type": "null"}]}}
    assert Schemas(root).kinds({"$ref": "#/$defs/A"}) == {"null"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (1, "integer"),
        (1.5, "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
        (None, "null"),
    ],
)
def test_kinds_of_values(value: object, kind: str) -> None:
    assert kind_of(value) == kind
