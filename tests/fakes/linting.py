"""Manifests through lint, without files."""

import re
from collections.abc import Collection
from io import BytesIO

from reconciler.control.intake import Intake, every_problem, take_in
from reconciler.control.lint.declarations import Declarations
from reconciler.control.lint.run import Report, lint
from reconciler.resources.api_version import API_VERSION

FILE = "stdin"
_KIND = re.compile("^kind:", re.MULTILINE)


def with_version(text: str) -> str:
    """The documents of an example, which leave their apiVersion out."""
    return _KIND.sub(f"apiVersion: {API_VERSION}\nkind:", text)


def intake_of(text: str) -> Intake:
    return take_in(["-"], stdin=BytesIO(text.encode()))


def declarations(text: str) -> Declarations:
    """What a text declares that leaves its apiVersion out."""
    intake = intake_of(with_version(text))
    assert intake.errors == ()
    return Declarations(intake.declared)


def linted(text: str, *, disabled: Collection[str] = ()) -> Report:
    """What lint says of a text that leaves its apiVersion out: places are one line further down for each document."""
    whole = with_version(text)
    intake = intake_of(whole)
    problems = every_problem(intake, closed=False)
    return lint(
        intake.declared, problems, {FILE: whole}, files=(FILE,), disabled=disabled, partial=intake.partial
    )


def ids(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]
