"""How data is written for people and programs: tables, JSON, YAML, names, JSONPath."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import click

from reconciler.cli.jsonpath import evaluate
from reconciler.control.manifest.writer import to_yaml
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

T = TypeVar("T")
FORMATS = "table|wide|json|yaml|name|jsonpath=EXPRESSION"


class Column(Generic[T]):
    """One column of a table. A `wide` one is shown with `-o wide` only."""

    def __init__(self, title: str, cell: Callable[[T], object], *, wide: bool = False) -> None:
        self.title = title
        self.cell = cell
        self.wide = wide


def output_option(
    default: str = "table", formats: str = FORMATS
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The option `-o`."""
    return click.option(
        "-o", "--output", metavar="FORMAT", default=default, help=f"{formats}. [default: {default}]"
    )


def table(columns: Sequence[Column[T]], rows: Sequence[T], *, wide: bool = False) -> str:
    """Aligned columns, without a trailing blank."""
    shown = [column for column in columns if wide or not column.wide]
    cells = [[column.title for column in shown]] + [
        [_text(column.cell(row)) for column in shown] for row in rows
    ]
    widths = [max(len(line[position]) for line in cells) for position in range(len(shown))]
    lines = (
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def data(value: JsonValue, output: str) -> str:
    """`value` as json, yaml, or what a jsonpath= expression picks of it."""
    if output == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    if output == "yaml":
        items = value.get("items") if isinstance(value, dict) else None
        documents: list[JsonValue] = items if isinstance(items, list) else [value]
        return to_yaml([item for item in documents if isinstance(item, dict)]).rstrip("\n")
    if output.startswith("jsonpath="):
        return " ".join(_plain(item) for item in evaluate(value, output.removeprefix("jsonpath=")))
    raise InvalidInput(f'unknown output format "{output}"', hint=f"one of {FORMATS}")


def age(created: str, now: datetime) -> str:
    """How long ago, in the two largest units, as kubectl writes it: 45s, 12m, 3h20m, 5d."""
    seconds = max(0, int((now - datetime.fromisoformat(created)).total_seconds()))
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 3:
        return f"{minutes}m"
    if days < 2:
        return f"{hours}h{minutes % 60}m" if minutes % 60 and hours < 10 else f"{hours}h"
    return f"{days}d"


def listing(items: Iterable[JsonObject]) -> JsonObject:
    """Several resources as one object, as the Kubernetes API gives them."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}


class Palette:
    """Colours, where a person looks on."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._on = sys.stdout.isatty() and "NO_COLOR" not in environ and environ.get("TERM") != "dumb"

    def paint(self, text: str, colour: str) -> str:
        return click.style(text, fg=colour) if self._on else text


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _plain(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
