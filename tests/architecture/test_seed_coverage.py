"""Each promise of the two systems that this one generalises has a test here, or a word on why ours is another."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "migrating" / "seed-coverage.md"
DIFFERENCES = TABLE.with_name("differences.md")
STATES = ("kept", "otherwise", "planned")
PROOF = re.compile(r"`([\w/.-]+\.py)::(\w+)`")
LINK = re.compile(r"\(differences\.md#([\w-]+)\)")
ENDPOINTS = """
GET /v1/providers; GET /v1/providers/{id}; POST /v1/providers; PUT /v1/providers/{id}; DELETE /v1/providers/{id};
POST /v1/providers/{id}/enable; POST /v1/providers/{id}/disable; POST /v1/providers/{id}/test; POST /v1/providers/{id}/reload;
GET /v1/providers/{id}/config; PUT /v1/providers/{id}/config; PATCH /v1/providers/{id}/config/{key}; DELETE /v1/providers/{id}/config/{key};
GET /v1/models; GET /v1/models/{id}; POST /v1/models; PUT /v1/models/{id}; DELETE /v1/models/{id};
GET /v1/providers/{id}/models; POST /v1/providers/{id}/models; DELETE /v1/providers/{id}/models/{model};
PUT /v1/providers/{id}/models/{model}/default
"""


class Row(NamedTuple):
    line: int
    promise: str
    here: str
    proof: str
    state: str


def rows() -> list[Row]:
    found = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 4 and cells[3] in STATES:
            found.append(Row(number, *cells))
        elif line.startswith("|") and not line.startswith(("| ---", "| Promise")):
            pytest.fail(f"line {number} is no row: {line[:100]}")
    return found


@cache
def names_in(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def anchors() -> set[str]:
    text = DIFFERENCES.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_test_that_is_named_is_there() -> None:
    gone = [
        f"line {row.line}: {file}::{name}"
        for row in rows()
        for file, name in PROOF.findall(row.proof)
        if name not in names_in(file)
    ]
    assert gone == []


def test_every_promise_has_its_test_or_says_why_not() -> None:
    bare = [
        f"line {row.line}: {row.promise}"
        for row in rows()
        if (row.state == "kept" and not PROOF.search(row.proof))
        or (row.state == "otherwise" and not LINK.search(row.here))
    ]
    assert bare == []


def test_every_difference_that_is_linked_is_told() -> None:
    assert {anchor for row in rows() for anchor in LINK.findall(row.here)} <= anchors()


def test_every_endpoint_of_the_plan_has_a_row() -> None:
    told = {row.promise.strip("`") for row in rows()}
    wanted = {" ".join(each.split()) for each in ENDPOINTS.split(";")}
    assert wanted - told == set()


def test_the_table_is_whole() -> None:
    assert len(rows()) > 150
