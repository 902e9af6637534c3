import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.specs import specs
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources import scheme
from reconciler.resources.kinds import KINDS
from reconciler.resources.scheme import structure_of_kind, with_defaults
from reconciler.resources.specs import spec_adapter
from reconciler.resources.structure import ATOMIC, Shape, canonical, structure_of


def described(schema: JsonValue, path: str) -> Iterator[tuple[str, bool]]:
    """Every property of a JSON Schema, and whether it has a description."""
    if isinstance(schema, list):
        for item in schema:
            yield from described(item, path)
    if not isinstance(schema, dict):
        return
    for word, value in schema.items():
        if word in ("properties", "$defs") and isinstance(value, dict):
            for name, child in value.items():
                if word == "properties":
                    yield f"{path}.{name}", isinstance(child, dict) and bool(child.get("description"))
                yield from described(child, f"{path}.{name}")
        else:
            yield from described(value, path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_description(kind: str) -> None:
    found = list(described(spec_adapter(kind).json_schema(), kind))
    assert found
    assert [path for path, has_description in found if not has_description] == []


def test_a_field_of_config_has_one_structure_in_all_provider_types() -> None:
    seen: dict[str, object] = {}
    for provider_type in PROVIDER_TYPES.values():
        schema = provider_type.config.model_json_schema()
        structure = structure_of(schema, schema.get("$defs", {}))
        for name, child in structure.properties.items():
            assert seen.setdefault(name, child) == child, f"{name} of {provider_type.name}"
    merged = structure_of_kind("Provider").child("spec").child("config")
    assert merged.properties == seen


@given(specs())
def test_defaults_are_added_once(kind_and_spec: tuple[str, JsonObject]) -> None:
    kind, spec = kind_and_spec
    completed = with_defaults(kind, spec)
    assert with_defaults(kind, completed) == completed


def test_a_config_that_is_left_out_is_stored_as_an_empty_one_is() -> None:
    left_out = with_defaults("Provider", {"type": "simulator"})
    assert left_out == with_defaults("Provider", {"type": "simulator", "config": {}})


@given(specs())
def test_defaults_are_those_of_the_model_that_checks_the_spec(kind_and_spec: tuple[str, JsonObject]) -> None:
    kind, spec = kind_and_spec
    assert with_defaults(kind, spec) == as_the_model_says(spec, spec_adapter(kind).validate_python(spec))


def as_the_model_says(written: JsonObject, model: BaseModel) -> JsonObject:
    completed = dict(written)
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name not in written and not isinstance(value, BaseModel) and value not in (None, {}, []):
            completed[name] = value
        elif isinstance(value, BaseModel):
            nested = written.get(name, {})
            if isinstance(nested, dict):
                completed[name] = as_the_model_says(nested, value)
    return completed


@given(specs())
def test_defaults_change_nothing_that_is_written(kind_and_spec: tuple[str, JsonObject]) -> None:
    kind, spec = kind_and_spec
    assert kept(spec, with_defaults(kind, spec))


def kept(written: JsonValue, completed: JsonValue) -> bool:
    if isinstance(written, dict) and isinstance(completed, dict):
        return all(name in completed and kept(value, completed[name]) for name, value in written.items())
    return written == completed


@given(specs(), st.data())
def test_a_default_that_is_written_out_is_the_same_value(
    kind_and_spec: tuple[str, JsonObject], data: st.DataObject
) -> None:
    kind, spec = kind_and_spec
    completed = with_defaults(kind, spec)
    names = data.draw(st.sets(st.sampled_from(sorted(completed)))) if completed else set()
    mixed = {**spec, **{name: completed[name] for name in names}}
    assert with_defaults(kind, mixed) == completed


def test_the_defaults_of_a_provider() -> None:
    spec: JsonObject = {"type": "openai-compatible", "config": {"baseURL": "http://a/v1", "timeout": 90_000}}
    assert with_defaults("Provider", spec) == {
        "type": "openai-compatible",
        "enabled": True,
        "priority": 0,
        "onClientDisconnect": "cancel",
        "config": {"baseURL": "http://a/v1", "timeout": 90_000, "connectTimeout": "5s"},
    }


def test_nothing_is_added_that_says_no_more_than_absence() -> None:
    assert with_defaults("Model", {}) == {}
    assert with_defaults("Settings", {}) == {"unknownModels": "reject"}
    assert with_defaults("Binding", {"model": "m", "provider": "p"}) == {
        "model": "m",
        "provider": "p",
        "weight": 1,
        "default": False,
        "enabled": True,
    }


def test_one_duration_written_three_ways_is_one_content() -> None:
    structure = structure_of_kind("Provider").child("spec")

    def content(timeout: str | int) -> JsonValue:
        spec: JsonObject = {"type": "lm-studio", "config": {"baseURL": "http://a", "timeout": timeout}}
        return canonical(structure, spec)

    assert content("90s") == content("1m30s") == content(90_000)
    assert content("90s") != content("91s")


def test_text_that_looks_like_a_duration_stays_text() -> None:
    structure = structure_of_kind("Provider").child("spec")
    spec: JsonObject = {"displayName": "90s", "config": {"headers": {"timeout": "90s"}}}
    assert canonical(structure, spec) == spec


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Provider", {"type": "lm-studio", "config": {"baseURL": "canary", "apiKey": {"sealed": "canary"}}}),
        ("Provider", {"type": "lm-studio", "config": {"apiKey": ["canary"], "headers": {"x-a": "canary\n"}}}),
        ("Provider", "canary"),
        ("Secret", {"data": {"K": {"sealed": "canary"}}}),
        ("Secret", {"data": {"K": "canary"}}),
    ],
)
def test_a_refused_spec_is_not_repeated_in_the_refusal(kind: str, spec: object) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_adapter(kind).validate_python(spec)
    assert "canary" not in str(caught.value)


@pytest.fixture
def asked_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where what is kept of the kinds is looked for; nothing that was read before counts."""
    for each in _CACHED:
        each.cache_clear()
    monkeypatch.setattr(scheme, "KEPT", tmp_path / "kinds.json")
    yield tmp_path / "kinds.json"
    for each in _CACHED:
        each.cache_clear()


_CACHED = (scheme._facts, scheme._defaults_of, structure_of_kind)


def test_what_is_kept_of_the_kinds_is_what_the_models_say() -> None:
    assert scheme.KEPT.read_text(encoding="utf-8") == scheme.kept_text(), "run make schemas"


def test_it_is_read_where_the_code_is_the_same(asked_anew: Path) -> None:
    kept = scheme.kept_text().replace('"displayName": "atomic"', '"displayName": "secret"')
    asked_anew.write_text(kept, encoding="utf-8")
    assert structure_of_kind("Model").child("spec").child("displayName").shape is Shape.SECRET


@pytest.mark.parametrize("kept", [None, "", "{}", "[]", '{"code": "other", "kinds": {}}'])
def test_else_the_models_are_asked(asked_anew: Path, kept: str | None) -> None:
    if kept is not None:
        asked_anew.write_text(kept, encoding="utf-8")
    assert structure_of_kind("Model").child("spec").child("displayName") == ATOMIC
    assert with_defaults("Settings", {}) == {"unknownModels": "reject"}


@pytest.mark.parametrize("fact", ["[]", '{"structure": "atomic", "defaults": []}'])
def test_what_is_kept_in_another_form_is_refused(asked_anew: Path, fact: str) -> None:
    code = json.loads(scheme.kept_text())["code"]
    asked_anew.write_text(f'{{"code": "{code}", "kinds": {{"Model": {fact}}}}}', encoding="utf-8")
    with pytest.raises(TypeError, match="what is kept"):
        with_defaults("Model", {})
