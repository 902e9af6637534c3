"""Nothing in the tests waits without a bound: a test that hangs is one that fails, and leaves nothing that hangs after it."""

import ast
from collections.abc import Iterator

import pytest
from fakes.syntax import ROOT

TESTS = ROOT / "tests"
PROGRAMS = {"subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}
BESIDE = ("Thread", "Process")
WORDS = ("subprocess.", "Thread(", "Process(", ".join()")
"""No file without one of them is parsed: that would take a second."""


def unbounded(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what is wrong)"""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name, given = ast.unparse(call.func), {keyword.arg for keyword in call.keywords}
        if name in PROGRAMS and not given & {"timeout", None}:
            yield call.lineno, f"{name} needs a timeout"
        if name.rpartition(".")[2] in BESIDE and "daemon" not in given:
            yield call.lineno, f"{name} needs daemon=True: what ends pytest would wait for it"
        if name.endswith(".join") and not call.args and not given:
            yield call.lineno, f"{name} needs a bound: fakes.waiting.joined"


def test_no_test_waits_for_ever() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {what}"
        for file in sorted(TESTS.rglob("*.py"))
        if any(word in (text := file.read_text(encoding="utf-8")) for word in WORDS)
        for line, what in unbounded(ast.parse(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["subprocess.run(['git'])", "Thread(target=f)", "fork.Process(target=f)", "thread.join()"]
)
def test_what_would_be_found(line: str) -> None:
    assert [*unbounded(ast.parse(line))] != []


@pytest.mark.parametrize(
    "line",
    ["subprocess.run(['git'], timeout=9)", "Thread(target=f, daemon=True)", "','.join(a)", "run(**all)"],
)
def test_what_is_well(line: str) -> None:
    assert [*unbounded(ast.parse(line))] == []
