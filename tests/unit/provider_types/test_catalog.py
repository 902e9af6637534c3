import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.package import install
from jsonschema import Draft202012Validator

from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.catalog import OWN, PROVIDER_TYPES, Catalog, unusable
from reconciler.resources.structure import Shape, Structure, structure_of

TYPES = list(PROVIDER_TYPES.values())
GIVEN = {
    "baseURL": "https://host/v1",
    "executable": "/usr/bin/cat",
    "unofficial": True,
    "token": "literal",
    "cookies": "literal=1",
}


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
        "qwen-direct",
        "cli",
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
    given = {name: GIVEN[name] for name in schema.get("required", ())}
    config = provider_type.config.model_validate(given)
    written = config.model_dump(mode="json")
    Draft202012Validator(schema).validate(written)
    assert provider_type.config.model_validate(written) == config
    secrets = {name: "value" for name in provider_type.secret_fields if name in given}
    assert provider_type.build(config, secrets) == provider_type.build(config, secrets)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one place where packages are."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def test_packages_add_types_behind_ours(packages: Path) -> None:
    install(packages, "acme", "b-llm = cat_acme:B\na-llm = cat_acme:A", {"cat_acme.py": _TWO})
    catalog = Catalog()
    assert catalog["ollama"].name == "ollama"
    assert "cat_acme" not in sys.modules  # who asks for ours pays nothing
    assert [*catalog] == [*(each.name for each in OWN), "a-llm", "b-llm"]
    assert (catalog["a-llm"].name, len(catalog), catalog.unusable) == ("a-llm", len(OWN) + 2, ())
    assert catalog.packages == {"a-llm": "acme 1.0.0", "b-llm": "acme 1.0.0"}
    assert catalog.get("unheard-of") is None


def test_what_can_not_be_used_names_itself_and_takes_nothing_with_it(
    packages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install(packages, "one", "ollama = cat_mixed:A\ntwice = cat_mixed:A\nodd = cat_mixed:odd\nworse = cat_mixed:worse\na-llm = cat_mixed:A", {
        "cat_mixed.py": f"{_TWO}\nodd = 3\nclass Worse(type(A)):\n    @property\n    def config(self): 1 / 0\n"
                        "    @config.setter\n    def config(self, value): pass\nworse = Worse('worse', None, 'http', None)\n",
    })  # fmt: skip
    install(packages, "two", "twice = cat_mixed:A")
    catalog = Catalog()
    assert [*catalog][len(OWN) :] == ["a-llm"]
    reasons = {f"{each.name} of {each.package}": each.reason for each in catalog.unusable}
    assert reasons == {
        "odd of one 1.0.0": "it is no ProviderType, but a int",
        "ollama of one 1.0.0": "routerctl has a type of that name",
        "twice of one 1.0.0": "another package has a type of that name, so it is neither's",
        "twice of two 1.0.0": "another package has a type of that name, so it is neither's",
        "worse of one 1.0.0": "its config can't be looked at (ZeroDivisionError)",
    }
    assert "provider type odd of the package one 1.0.0 can't be used" in caplog.text


def test_why_one_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch, packages: Path) -> None:
    install(packages, "one", "odd = no_such_module:A")
    monkeypatch.setattr("reconciler.provider_types.catalog.PROVIDER_TYPES", Catalog())
    assert "ModuleNotFoundError" in str(unusable("odd"))
    assert unusable("ollama") is None


_TWO = """
from dataclasses import replace
from reconciler.provider_types.openai_compatible import OPENAI_COMPATIBLE
A, B = (replace(OPENAI_COMPATIBLE, name=name) for name in ("a-llm", "b-llm"))
"""
