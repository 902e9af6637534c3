import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes.specs import documents
from hypothesis import given
from jsonschema import Draft202012Validator

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.schema import schemas
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.kinds import KINDS

FOLDER = Path(__file__).parents[4] / "schemas"
TEXTS = schemas()
SCHEMAS: Mapping[str, Any] = {name: json.loads(text) for name, text in TEXTS.items()}
VALIDATORS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}


def accepts(document: JsonObject) -> bool:
    """What the schema of any document says; that of its kind must say the same."""
    anyone = VALIDATORS["routerctl.json"].is_valid(document)
    kind = document.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        assert VALIDATORS[f"{kind.lower()}.json"].is_valid(document) is anyone
    return anyone


def decodes(document: JsonObject) -> bool:
    reading = read_text(to_yaml([document]), "a.yaml")
    return not reading.problems and not decode(reading.documents).problems


def test_there_is_one_schema_a_kind_and_one_for_any_document() -> None:
    assert set(SCHEMAS) == {*(f"{kind.lower()}.json" for kind in KINDS), "routerctl.json"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_file_is_what_the_kinds_say(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == TEXTS[name], "run make schemas"


def test_no_file_is_left_of_a_kind_that_has_gone() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*SCHEMAS, "kustomizeconfig.yaml", "plan.json"}


@given(documents())
def test_the_schema_accepts_what_is_valid(document: JsonObject) -> None:
    assert accepts(document)


def document(kind: str, spec: JsonValue, **more: JsonValue) -> JsonObject:
    return {
        "apiVersion": "routerctl.dev/v1",
        "kind": kind,
        "metadata": {"name": "default"},
        "spec": spec,
        **more,
    }


def upstream(**config: JsonValue) -> JsonObject:
    return document("Provider", {"type": "lm-studio", "config": {"baseURL": "http://a", **config}})


@pytest.mark.parametrize(
    "bad",
    [
        document("Model", {"zzz": 1}),
        document("Model", {}, zzz=1),
        document("Model", {}, status={}),
        document("Model", {}, metadata={"name": "m", "uid": "x"}),
        document("Model", {}, metadata={"name": "a/b"}),
        document("Model", {}, metadata={"name": "m", "labels": {"a b": "c"}}),
        document("Model", {}, metadata={"name": "m", "labels": {"a": "b c"}}),
        document("Model", {}, metadata={}),
        document("Model", {}, apiVersion="v1"),
        document("Model", {"contextWindow": "1"}),
        document("Model", {"aliases": "a"}),
        document("Nothing", {}),
        document("Binding", {"model": "m"}),
        document("Provider", {"config": {}}),
        document("Provider", {"type": "cli", "config": {}}),
        document("Provider", {"type": "simulator", "config": {"baseURL": "http://a"}}),
        document("Provider", {"type": "simulator", "config": {}, "enabled": "yes"}),
        document("Provider", {"type": "simulator", "config": {"chunkSize": 0}}),
        upstream(baseUrl="http://a"),
        upstream(timeout=30),
        upstream(timeout="soon"),
        upstream(apiKey={"zzz": "a"}),
        upstream(apiKey={"sealed": "a"}),
        upstream(apiKey={"valueFrom": {"secret": {"name": "a"}}}),
        upstream(apiKey=7),
        upstream(headers={"a b": "c"}),
        document("Secret", {"data": {}}),
        document("Secret", {"data": {"a b": {"value": "x"}}}),
        document("Secret", {"data": {"K": {"vaule": "x"}}}),
        document("Secret", {"data": {"K": {"value": "x"}}, "hosts": ["a:80"]}),
    ],
)
def test_the_schema_refuses_what_apply_refuses(bad: JsonObject) -> None:
    assert not decodes(bad)
    assert not accepts(bad)


def test_every_field_is_described_for_the_editor() -> None:
    properties = SCHEMAS["binding.json"]["properties"]["spec"]["properties"]
    assert all(field["description"] for field in properties.values())
    assert SCHEMAS["binding.json"]["properties"]["metadata"]["properties"]["name"]["description"]


def test_optional_is_not_nullable_and_nothing_internal_is_told() -> None:
    text = "".join(TEXTS.values())
    assert '"null"' not in text
    assert "x-routerctl-type" not in text


def test_a_field_may_be_called_like_a_word_of_json_schema() -> None:
    fields = SCHEMAS["routerctl.json"]["$defs"]
    assert "type" in fields["SimulatorProviderSpec"]["properties"]
