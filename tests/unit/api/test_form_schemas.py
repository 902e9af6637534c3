from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from jsonschema import Draft202012Validator

from reconciler.api.form_schemas import schema_of
from reconciler.api.forms import to_json
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Some:
    key: ResourceKey
    only_one: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    maybe: int | None = None
    pair: tuple[str, int] = ("", 0)
    many: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    by_key: Mapping[ResourceKey, int] = field(default_factory=dict)
    spec: JsonObject = field(default_factory=dict)
    any: JsonValue = None
    known: str = field(default="", init=False)


def test_what_is_written_fits_its_schema() -> None:
    schema = schema_of(Some)
    Draft202012Validator.check_schema(schema)
    key = ResourceKey("Model", "default", "m")
    whole = Some(key, "b", Colour.RED, 1, ("x", 2), frozenset({"a"}), {"a": "b"}, {key: 1}, {"a": [1]}, "x")
    for value in (Some(key), whole):
        Draft202012Validator(schema).validate(to_json(value, Some))
    assert schema["required"] == ["key"]
    errors = Draft202012Validator(schema).iter_errors({"onlyOne": "c", "zzz": 1, "pair": ["x"]})
    assert len(list(errors)) == 4
