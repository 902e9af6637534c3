"""How data is written for people and programs: tables, JSON, YAML, names, JSONPath."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

import click

from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.cli import jsonpath, jsonpath_syntax
else:
    jsonpath = late("reconciler.cli.jsonpath")
    jsonpath_syntax = late("reconciler.cli.jsonpath_syntax")

T = TypeVar("T")
FORMATS = "table|wide|json|yaml|name|jsonpath=EXPRESSION"
TEXT, MARKDOWN = "text", "markdown"
DATA_FORMATS = "text|json|yaml|jsonpath=EXPRESSION"
"""Of commands that tell people in a text of their own."""
PLAN_FORMATS = "text|json|yaml|markdown|jsonpath=EXPRESSION"
"""Of commands that show what would change."""
_JSONPATH = "jsonpath="


class Column(Generic[T]):
    """One column of a table. A `wide` one is shown with `-o wide` only."""

    def __init__(self, title: str, cell: Callable[[T], object], *, wide: bool = False) -> None:
        self.title = title
        self.cell = cell
        self.wide = wide


class OutputFormat(click.ParamType[str, str]):
    """One of the words of `formats`; a jsonpath= expression is read at once, so that a wrong one is wrong usage."""

    name = "format"

    def __init__(self, formats: str) -> None:
        self._formats = formats.split("|")

    @property
    def words(self) -> tuple[str, ...]:
        """Those that stand for a format as a whole, and how a jsonpath begins."""
        return tuple(word.removesuffix("EXPRESSION") for word in self._formats)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value.startswith(_JSONPATH) and self._formats[-1].startswith(_JSONPATH):
            try:
                jsonpath_syntax.parse(value.removeprefix(_JSONPATH))
            except InvalidInput as error:
                self.fail(f"{error.message}; {error.hint}", param, ctx)
        elif value not in self._formats or value.startswith(_JSONPATH):
            self.fail(f'unknown output format "{value}"; one of {", ".join(self._formats)}', param, ctx)
        return value


def output_option(
    default: str = "table", formats: str = FORMATS, *, only: str = ""
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The option `-o`. `only`: with what else it goes, such as "With --dir: "."""
    return click.option(
        "-o",
        "--output",
        metavar="FORMAT",
        type=OutputFormat(formats),
        default=default,
        help=f"{only}{formats}. [default: {default}]",
    )


class Table(Generic[T]):
    """Aligned columns, without a trailing blank. Rows may come later: then columns only ever get wider."""

    def __init__(self, columns: Sequence[Column[T]], *, wide: bool = False) -> None:
        self._shown = [column for column in columns if wide or not column.wide]
        self._widths = [0] * len(self._shown)

    def lines(self, rows: Sequence[T], *, titles: bool = False) -> list[str]:
        cells = [[column.title for column in self._shown]] if titles else []
        cells += [[_text(column.cell(row)) for column in self._shown] for row in rows]
        for line in cells:
            self._widths = [max(known, len(cell)) for known, cell in zip(self._widths, line, strict=True)]
        return [
            "   ".join(cell.ljust(width) for cell, width in zip(line, self._widths, strict=True)).rstrip()
            for line in cells
        ]


def table(columns: Sequence[Column[T]], rows: Sequence[T], *, wide: bool = False) -> str:
    """A whole table, with its titles."""
    return "\n".join(Table(columns, wide=wide).lines(rows, titles=True))


def data(value: JsonValue, output: str) -> str:
    """`value` as json, yaml, or what a jsonpath= expression picks of it. A listing is one YAML document an item."""
    if output == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    if output == "yaml":
        items = value.get("items") if isinstance(value, dict) else None
        documents: list[JsonValue] = items if isinstance(items, list) else [value]
        return to_yaml(item for item in documents if isinstance(item, dict)).removesuffix("\n")
    return jsonpath.render(value, output.removeprefix(_JSONPATH))


def print_data(value: JsonValue, output: str) -> None:
    """Prints `data`, ended by one line break; nothing where it is empty."""
    text = data(value, output)
    click.echo(text, nl=bool(text) and not text.endswith("\n"))


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def fact(name: str, value: object, width: int) -> str:
    """`Name:   value`, the value beginning at column `width`."""
    return f"{name + ':':<{width}}{printable(str(value))}"


def indented(text: str, width: int) -> list[str]:
    """The lines of a message, below what it belongs to."""
    return [" " * width + printable(line) for line in text.splitlines()]


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

    def __init__(self, environ: Mapping[str, str], when: str = "auto") -> None:
        """`when`: auto, always or never. NO_COLOR counts for auto, where it is not empty (no-color.org)."""
        looked_at = sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self._on = when == "always" or (when == "auto" and looked_at)

    def paint(self, text: str, colour: str | None) -> str:
        return click.style(text, fg=colour) if self._on and colour is not None else text


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return printable(str(value))
