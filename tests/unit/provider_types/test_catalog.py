from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.structure import Shape, Structure, structure_of

TYPES = list(PROVIDER_TYPES.values())


def properties(provider_type: ProviderType) -> dict[str, Any]:
    found: dict[str, Any] = provider_type.config.model_json_schema()["properties"]
    return found


def test_the_types_there_are() -> None:
    assert list(PROVIDER_TYPES) == [
        "openai-compatible",
        "lm-studio",
        "ollama",
        "dashscope",
        "qwen-proxy",
        "simulator",
    ]
    assert all(name == provider_type.name for name, provider_type in PROVIDER_TYPES.items())


@pytest.mark.parametrize("provider_type", TYPES, ids=lambda one: one.name)
def test_every_field_has_a_description(provider_type: ProviderType) -> None:
    assert [name for name, schema in properties(provider_type).items() if not schema.get("description")] == []


@pytest.mark.parametrize("provider_type", TYPES, ids=lambda one: one.name)
def test_the_special_fields_exist(provider_type: ProviderType) -> None:
    assert set(provider_type.in_place) <= set(properties(provider_type))
    schema = provider_type.config.model_json_schema()
    structure = structure_of(schema, schema.get("$defs", {}))
    assert set(secret_fields(structure)) == set(provider_type.secret_fields)


def secret_fields(structure: Structure, at: str = "") -> Iterator[str]:
    for name, child in structure.properties.items():
        if child.shape is Shape.SECRET:
            yield at + name
        yield from secret_fields(child, f"{at}{name}.")


def test_one_name_has_one_schema_in_all_types() -> None:
    """But for its default: a type may know better where its upstream is."""
    union: dict[str, Any] = {}
    for provider_type in TYPES:
        for name, schema in properties(provider_type).items():
            meaning = {key: value for key, value in schema.items() if key != "default"}
            assert union.setdefault(name, meaning) == meaning, f"{name} of {provider_type.name}"


@pytest.mark.parametrize("provider_type", TYPES, ids=lambda one: one.name)
def test_every_default_fits_its_own_schema(provider_type: ProviderType) -> None:
    schema = provider_type.config.model_json_schema()
    Draft202012Validator.check_schema(schema)
    given = {"baseURL": "https://host/v1"} if "baseURL" in schema["properties"] else {}
    config = provider_type.config.model_validate(given)
    written = config.model_dump(mode="json")
    Draft202012Validator(schema).validate(written)
    assert provider_type.config.model_validate(written) == config
    assert provider_type.build(config, {}) == provider_type.build(config, {})
