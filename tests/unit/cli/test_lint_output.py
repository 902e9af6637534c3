import json
from pathlib import Path

import pytest
from fakes.linting import linted
from jsonschema import Draft202012Validator

from reconciler.cli.lint_output import annotations, as_json, rule_json, sarif, text
from reconciler.control.lint.rule import Finding, Severity
from reconciler.control.lint.run import Report
from reconciler.control.lint.table import RULES
from reconciler.control.manifest.document import Location
from reconciler.resources.resource import ResourceKey

HERE = Path("/repo")
KEY = ResourceKey("Model", "default", "m")
REPORT = Report(
    (
        Finding("invalid", Severity.ERROR, None, "no\nway, 100%: really"),
        Finding("invalid", Severity.ERROR, Location("/else/a.yaml", 0, 0), "not YAML"),
        Finding(
            "single-provider", Severity.INFO, Location("/repo/a b,c:d.yaml", 3, 7), "one", KEY, "spec", "two"
        ),
        Finding("timeout-too-long", Severity.WARNING, Location("m/x.yaml", 1, 1), "long"),
    ),
    2,
)

# What a SARIF 2.1.0 log must be, as far as this one goes; the whole schema has 3,000 lines.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tool"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "additionalProperties": False,
                                            "required": ["id"],
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "additionalProperties": False,
                                                    "properties": {"level": LEVEL},
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["message"],
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL,
                                "message": TEXT,
                                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                            },
                        },
                    },
                },
            },
        },
    },
    "$defs": {
        "location": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~/:%-]+$"}},
                        },
                        "region": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}},
                    },
                },
            },
        }
    },
}


def test_text_counts_what_there_is() -> None:
    lines = text(REPORT, 1, 2).splitlines()
    assert lines[-1] == "1 resource in 2 files: 2 errors, 1 warning, 1 info, 2 silenced by comments."
    assert text(Report(()), 2, 1) == "2 resources in 1 file: nothing to say."


def test_annotations_are_escaped() -> None:
    assert annotations(REPORT, HERE).splitlines() == [
        "::error title=invalid::no%0Away, 100%25: really",
        "::error file=/else/a.yaml,title=invalid::not YAML",
        "::notice file=a b%2Cc%3Ad.yaml,line=3,col=7,title=single-provider::Model/m: spec: one; two",
        "::warning file=m/x.yaml,line=1,col=1,title=timeout-too-long::long",
    ]


@pytest.mark.parametrize(
    "report", [REPORT, Report(()), linted("kind: Model\nmetadata: {name: m}\nspec: {a: b}\n")]
)
def test_sarif_has_the_shape_of_sarif(report: Report) -> None:
    log = sarif(report, HERE)
    Draft202012Validator(SHAPE).validate(json.loads(json.dumps(log)))


def test_sarif_names_rules_places_and_levels() -> None:
    run = json.loads(json.dumps(sarif(REPORT, HERE)))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["invalid", "timeout-too-long", "single-provider"]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert [result["level"] for result in run["results"]] == ["error", "error", "note", "warning"]
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        for place in result["locations"]
    ]
    assert uris == ["file:///else/a.yaml", "a%20b%2Cc%3Ad.yaml", "m/x.yaml"]


def test_the_json_says_all_of_a_finding_and_of_a_rule() -> None:
    told = json.loads(json.dumps(as_json(REPORT, 3)))
    assert told["summary"] == {"error": 2, "warning": 1, "info": 1, "silenced": 2}
    assert told["findings"][2]["key"] == "Model/m"
    assert told["findings"][0]["file"] is None
    assert rule_json(RULES["invalid"])["severity"] == "error"
