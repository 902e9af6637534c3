from pathlib import Path

import pytest

from reconciler.control.kustomize.configuration import (
    FILE_NAME,
    Kinds,
    NameReference,
    built_in,
    built_in_text,
    parse_configuration,
)
from reconciler.control.kustomize.piece import Identity
from reconciler.control.manifest.document import Problem
from reconciler.control.manifest.reader import read_text

ROOT = Path(__file__).resolve().parents[4]


def parsed(text: str) -> tuple[NameReference, ...] | tuple[Problem, ...]:
    return parse_configuration(read_text(text, "c.yaml").documents[0])


def test_the_file_in_the_repository_is_what_is_built_in() -> None:
    text = (ROOT / "schemas" / FILE_NAME).read_text(encoding="utf-8")
    assert text == built_in_text(), "run make schemas"
    assert set(parsed(text)) == set(built_in())


def test_a_field_is_found_by_its_kinds() -> None:
    (reference,) = parsed(
        "nameReference: [{kind: Model, version: v1, fieldSpecs: [{group: g, kind: Any, path: spec/a\\/b/c}]}]"
    )
    assert reference == NameReference(Kinds("", "v1", "Model"), Kinds("g", "", "Any"), ("spec", "a/b", "c"))


def test_kinds_fit_what_they_say() -> None:
    identity = Identity("g", "v1", "Model", "n", "m")
    assert Kinds("", "", "").fit(identity)
    assert Kinds("g", "v1", "Model").fit(identity)
    assert not Kinds("g", "v2", "").fit(identity)


def test_an_empty_list_adds_nothing() -> None:
    assert parsed("nameReference: null") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "namePrefix: []",
            'c.yaml:1:1: error: namePrefix: unknown field "namePrefix"; known here: nameReference',
        ),
        (
            "nameReference: [{kind: A}]",
            'c.yaml:1:17: error: nameReference[0].fieldSpecs: "fieldSpecs" is required',
        ),
        (
            "nameReference: [{kind: A, fieldSpecs: [{path: 1}]}]",
            "nameReference[0].fieldSpecs[0].path: expected a text",
        ),
        (
            "nameReference: [{kind: A, fieldSpecs: [{paths: a, path: b}]}]",
            'unknown field "paths"; did you mean "path"?',
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    (problem,) = parsed(text)
    assert message in str(problem)
