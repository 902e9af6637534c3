"""What files of Python are made of, each parsed and walked once a process."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_OF_INTEREST = (ast.Call, ast.Import, ast.ImportFrom, ast.Attribute, ast.Compare)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Outline:
    """`nodes`: calls, imports, attributes and comparisons; `late`: the imports among them that stand in a function.

    `functions`: name, first line and number of lines of each.
    """

    nodes: tuple[ast.AST, ...]
    late: tuple[ast.Import | ast.ImportFrom, ...]
    functions: tuple[tuple[str, int, int], ...]


@cache
def outline(path: Path) -> Outline:
    nodes: list[ast.AST] = []
    late: list[ast.Import | ast.ImportFrom] = []
    functions: list[tuple[str, int, int]] = []
    for node, inside in _walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, _FUNCTIONS):
            functions.append((node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1))
        elif isinstance(node, _OF_INTEREST):
            nodes.append(node)
            if inside and isinstance(node, ast.Import | ast.ImportFrom):
                late.append(node)
    return Outline((*nodes,), (*late,), (*functions,))


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Each node, and whether it is a part of a function."""
    todo = [(tree, False)]
    while todo:
        node, inside = todo.pop()
        yield node, inside
        inside = inside or isinstance(node, _FUNCTIONS)
        todo += [(child, inside) for child in ast.iter_child_nodes(node)]


@cache
def modules() -> tuple[tuple[str, tuple[ast.AST, ...]], ...]:
    """Path from the root, and nodes, of every module."""
    found = sorted((ROOT / "reconciler").rglob("*.py"))
    return tuple((path.relative_to(ROOT).as_posix(), outline(path).nodes) for path in found)


@cache
def functions(path: Path) -> tuple[tuple[str, int, int], ...]:
    """As of an outline, of files of which nothing else is asked: their trees are not kept."""
    return outline.__wrapped__(path).functions


def dotted(node: ast.AST) -> str:
    """`a.b.c` as it is written; what is no name stands as "()"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "()"
