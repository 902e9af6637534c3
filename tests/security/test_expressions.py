"""No text can keep a regular expression of ours busy: judged by what it is, see fakes.ambiguity."""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from fakes.ambiguity import slow
from fakes.syntax import ROOT, dotted, outline

from reconciler.control.kustomize import pattern

_SEARCHES = {"search", "finditer", "findall", "sub", "subn", "split"}

SHORT_TEXTS = {
    "reconciler.cli.jsonpath_syntax._SLICE": "typed by who runs the command",
    "reconciler.cli.selecting._TERM": "typed by who runs the command",
    "reconciler.control.source._URL": "the remote of the user's own checkout",
    "reconciler.control.source._SCP": "the remote of the user's own checkout",
    "reconciler.control.lint.suppressions._COMMENT": "what follows takes all there is on a line, so it does not fail",
    "reconciler.control.lint.suppressions._WORDS": "as above",
    "reconciler.gateway.masking._LOOKS_SECRET": "a private key without an end is taken to the end, so it does not fail",
    "reconciler.protocol.multipart._BOUNDARY": "what follows takes all there is: a header's value holds no line break",
}
"""Quadratic on paper, and why that is no matter."""


class Expression(NamedTuple):
    name: str
    pattern: "re.Pattern[Any]"
    searched: bool
    whole: bool


def expressions() -> Iterator[Expression]:
    """All of the package: those that modules keep, and those that functions write out."""
    for path in sorted((ROOT / "reconciler").rglob("*.py")):
        if "\nimport re\n" not in path.read_text(encoding="utf-8"):
            continue
        name = path.relative_to(ROOT).as_posix().removesuffix(".py").replace("/", ".")
        used = _uses(outline(path).nodes)
        kept = set()
        for attribute, value in vars(importlib.import_module(name)).items():
            pattern = value if isinstance(value, re.Pattern) else getattr(value, "__self__", None)
            if isinstance(pattern, re.Pattern):
                how = used.get(attribute, set()) | {getattr(value, "__name__", "")}
                kept.add(pattern.pattern)
                yield Expression(f"{name}.{attribute}", pattern, bool(how & _SEARCHES), "fullmatch" in how)
        yield from (
            each for each in _written_out(name, outline(path).nodes) if each.pattern.pattern not in kept
        )


def _uses(found: Iterable[ast.AST]) -> dict[str, set[str]]:
    """The methods that a module takes of each of its names."""
    uses: dict[str, set[str]] = {}
    for node in found:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            uses.setdefault(node.value.id, set()).add(node.attr)
    return uses


def _written_out(module: str, found: Iterable[ast.AST]) -> Iterator[Expression]:
    """`re.sub("...", ...)`, and what functions compile."""
    for node in found:
        if not isinstance(node, ast.Call) or not dotted(node.func).startswith("re."):
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
            how = dotted(node.func).removeprefix("re.")
            pattern = re.compile(first.value)
            yield Expression(
                f"{module}:{node.lineno}", pattern, how in {*_SEARCHES, "compile"}, how == "fullmatch"
            )


def test_case_37_no_regular_expression_can_be_made_slow() -> None:
    found = list(expressions())
    assert len(found) > 100
    how = {each.name: slow(each.pattern, searched=each.searched, whole=each.whole) for each in found}
    assert [name for name, verdict in how.items() if verdict == "exponential"] == []
    quadratic = {name for name, verdict in how.items() if verdict}
    assert quadratic - set(SHORT_TEXTS) == set()
    assert set(SHORT_TEXTS) - quadratic == set(), "no longer needed"


@pytest.mark.parametrize(
    ("text", "searched", "verdict"),
    [
        (r"(a*)*b", False, "exponential"),
        (r"(a+)+b", False, "exponential"),
        (r"(a|a)*b", False, "exponential"),
        (r"(?:ab|a|b)+-", False, "exponential"),
        (r"(a|ab)*c", False, None),
        (r"a*a*b", False, "quadratic"),
        (r"a*+a*+b", False, None),
        (r"[a-z]+@", True, "quadratic"),
        (r"[a-z]+", True, None),
        (r"BEGIN.*?END", True, "quadratic"),
        (r'"[^"]*"', True, None),
        (r"([0-9]{1,5}(h|m|s|ms)){1,4}", False, None),
        (r"(?:[^\"\\]|\\.)*\"", False, None),
    ],
)
def test_the_judgement_is_that_of_the_literature(text: str, searched: bool, verdict: str | None) -> None:
    assert slow(re.compile(text), searched=searched) == verdict


@pytest.mark.parametrize("hostile", ["(a*)*b", "(a|a)*b", "(a+)+$", "((a{1,30}){1,30}){1,30}"])
def test_case_37_patterns_of_manifests_are_no_regular_expressions_of_pythons(hostile: str) -> None:
    """Those of kustomize's patches run in linear time, in a machine of their own, or are refused for their size."""
    try:
        compiled = pattern.compile_pattern(hostile)
    except pattern.PatternError:
        return
    assert not compiled.matches("a" * 20_000 + "c")
