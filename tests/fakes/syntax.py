"""What the package's modules are made of, each parsed and walked once."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_OF_INTEREST = (ast.Call, ast.Import, ast.ImportFrom, ast.Attribute, ast.Compare)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Calls, imports, attributes and comparisons of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(node for node in ast.walk(tree) if isinstance(node, _OF_INTEREST))


@cache
def modules() -> tuple[tuple[str, tuple[ast.AST, ...]], ...]:
    """Path from the root, and nodes, of every module."""
    found = sorted((ROOT / "reconciler").rglob("*.py"))
    return tuple((path.relative_to(ROOT).as_posix(), nodes(path)) for path in found)


def dotted(node: ast.AST) -> str:
    """`a.b.c` as it is written; what is no name stands as "()"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "()"
