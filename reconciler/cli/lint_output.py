"""What lint found: for people, programs, code scanning (SARIF) and GitHub's workflow annotations."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from reconciler import __version__
from reconciler.cli.output import counted
from reconciler.control.lint.rule import SEVERITIES, Finding, Rule, Severity
from reconciler.control.lint.run import Report
from reconciler.control.lint.table import RULES
from reconciler.control.manifest.files import STDIN_NAME
from reconciler.control.manifest.printable import printable
from reconciler.json_types import JsonObject, JsonValue

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def text(report: Report, resources: int, files: int) -> str:
    """One line a finding, and one that counts."""
    lines = [str(finding) for finding in report.findings]
    words = [
        f"{report.count(severity)} {severity.word}"
        if severity is Severity.INFO
        else counted(report.count(severity), severity.word)
        for severity in sorted(Severity, reverse=True)
        if report.count(severity)
    ]
    if report.silenced:
        words.append(f"{report.silenced} silenced by comments")
    read = f"{counted(resources, 'resource')} in {counted(files, 'file')}"
    return "\n".join([*lines, f"{read}: {', '.join(words) or 'nothing to say'}."])


def as_json(report: Report, resources: int) -> JsonObject:
    """The documented form of `lint -o json`."""
    counts: JsonObject = {word: report.count(Severity[word.upper()]) for word in SEVERITIES}
    return {
        "resources": resources,
        "summary": {**counts, "silenced": report.silenced},
        "findings": [_finding_json(finding) for finding in report.findings],
    }


def _finding_json(finding: Finding) -> JsonObject:
    place = finding.location
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "key": str(finding.key) if finding.key else None,
        "field": finding.field,
        "message": finding.message,
        "hint": finding.hint,
    }


def rule_json(rule: Rule) -> JsonObject:
    return {
        "id": rule.id,
        "severity": rule.severity.word,
        "applies": rule.applies,
        "summary": rule.summary,
        "why": rule.why,
        "bad": rule.bad,
        "good": rule.good,
    }


def annotations(report: Report, folder: Path) -> str:
    """Workflow commands of GitHub Actions, one a line. Files are named from `folder` on."""
    return "\n".join(_annotation(finding, folder) for finding in report.findings)


def _annotation(finding: Finding, folder: Path) -> str:
    place = finding.location
    properties: dict[str, str] = {}
    if place is not None and place.file != STDIN_NAME:
        properties["file"] = _relative(place.file, folder)
        if place.line:
            properties |= {"line": str(place.line), "col": str(place.column)}
    properties["title"] = finding.rule
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(finding.text)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _relative(file: str, folder: Path) -> str:
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def sarif(report: Report, folder: Path) -> JsonObject:
    """A SARIF 2.1.0 log. Columns count characters; files are named from `folder` on, which is no part of the log."""
    told = [RULES[name] for name in RULES if any(finding.rule == name for finding in report.findings)]
    ranks = {rule.id: rank for rank, rule in enumerate(told)}
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "routerctl",
                        "semanticVersion": __version__,
                        "rules": [_rule_sarif(rule) for rule in told],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, ranks[finding.rule], folder) for finding in report.findings],
            }
        ],
    }


def _rule_sarif(rule: Rule) -> JsonObject:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "help": {"text": f"{rule.why}\n\nInstead of\n\n{rule.bad}\nwrite\n\n{rule.good}"},
    }


def _result(finding: Finding, rank: int, folder: Path) -> JsonObject:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rank,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.text},
        "locations": list(_locations(finding, folder)),
    }


def _locations(finding: Finding, folder: Path) -> Iterable[JsonValue]:
    place = finding.location
    if place is None:
        return
    file = _relative(place.file, folder)
    physical: JsonObject = {
        "artifactLocation": {"uri": ("file://" if file.startswith("/") else "") + quote(file)}
    }
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    location: JsonObject = {"physicalLocation": physical}
    if finding.key is not None:
        location["logicalLocations"] = [
            {"fullyQualifiedName": printable(str(finding.key)), "kind": "resource"}
        ]
    yield location
