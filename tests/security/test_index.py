"""The list of hostile cases names tests that are there, and every test of a case is in its row."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security" / "hostile-inputs.md"
MODEL = PAGE.with_name("threat-model.md")
ROW = re.compile(r"^\| ([0-9]+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([a-z0-9_/]+\.py)(?:::(test_[a-z0-9_]+))?`")
OF_CASES = re.compile(r"test_case_([0-9]+)(?:_and_([0-9]+))?_")


@cache
def named_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def rows() -> dict[int, list[tuple[str, str]]]:
    return {
        int(number): NAMED.findall(proofs)
        for number, _, proofs in ROW.findall(PAGE.read_text(encoding="utf-8"))
    }


def test_every_case_has_its_proof() -> None:
    assert list(rows()) == list(range(1, 41))
    assert [number for number, proofs in rows().items() if not proofs] == []


def test_every_test_that_is_named_is_there() -> None:
    gone = [
        f"{number}: {file}::{name}"
        for number, proofs in rows().items()
        for file, name in proofs
        if not (TESTS / file).is_file() or (name and name not in named_in(TESTS / file))
    ]
    assert gone == []


def test_the_threat_model_names_tests_that_are_there() -> None:
    named = NAMED.findall(MODEL.read_text(encoding="utf-8"))
    assert named
    assert [file for file, _ in named if not (TESTS / file).is_file()] == []


def _of_cases() -> Iterator[tuple[int, str]]:
    for path in sorted((TESTS / "security").glob("test_*.py")):
        for name in named_in(path):
            found = OF_CASES.match(name)
            if found:
                yield from ((int(number), name) for number in found.groups() if number)


def test_every_test_of_a_case_is_in_its_row() -> None:
    named = {(number, name) for number, proofs in rows().items() for _, name in proofs}
    allowed = {(3, "test_case_3_what_is_allowed_is_asked")}  # the other side of the same coin
    assert sorted(set(_of_cases()) - named - allowed) == []
