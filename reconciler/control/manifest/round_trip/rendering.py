"""JSON values → YAML as a document's author writes it: quotes, blocks and indentation like those around it."""

import json
import re
from typing import NamedTuple

from reconciler.control.manifest.emitter import fits_a_block, scalar
from reconciler.control.manifest.round_trip.layout import Style
from reconciler.control.manifest.round_trip.nodes import Scalar
from reconciler.json_types import JsonObject, JsonValue

_FLOW_WIDTH = 60
"""Longer ones are written as a block."""
_LEAST_WIDTH = 20
"""Of a folded text, whatever it had before."""
_NOT_IN_FLOW = re.compile(r"[,:\[\]{}]")


class Rendered(NamedTuple):
    """inline: behind the key. lines: below it, indented as seen from the key."""

    inline: str
    lines: tuple[str, ...] = ()


def entry_lines(name: str, value: JsonValue, style: Style) -> list[str]:
    """A key and its value as lines of a block mapping."""
    written = rendered(value, style)
    head = f"{scalar(name)}:"
    return [f"{head} {written.inline}" if written.inline else head, *written.lines]


def rendered(value: JsonValue, style: Style) -> Rendered:
    """A value in block style."""
    if isinstance(value, dict) and value:
        lines = [line for name, item in value.items() for line in entry_lines(name, item, style)]
        return Rendered("", _indented(lines, style.step))
    if isinstance(value, list) and value:
        lines = [line for item in value for line in item_lines(item, style)]
        return Rendered("", _indented(lines, style.dash))
    if isinstance(value, str) and fits_a_block(value):
        return _literal(value, style.step)
    return Rendered(scalar(value))


def item_lines(value: JsonValue, style: Style) -> list[str]:
    """A value as lines of a block sequence."""
    if isinstance(value, dict) and value:
        lines = [line for name, item in value.items() for line in entry_lines(name, item, style)]
    elif isinstance(value, list) and value:
        lines = [line for item in value for line in item_lines(item, style)]
    else:
        written = rendered(value, style)
        return [f"- {written.inline}", *written.lines]
    return [f"- {lines[0]}", *_indented(lines[1:], 2)]


def in_flow(value: JsonValue, style: Style, *, indent: int = 0, multiline: bool = False) -> str:
    """A value in one line; JSON, where there are several lines, as those that write JSON lay it out."""
    if style.json:
        if not multiline:
            return _json(value)
        lines = _json(value, style.step).split("\n")
        return style.eol.join([lines[0], *_indented(lines[1:], indent)])
    if isinstance(value, dict):
        inner = (f"{flow_scalar(name)}: {in_flow(item, style)}" for name, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_flow(item, style) for item in value) + "]"
    return flow_scalar(value)


def flow_scalar(value: JsonValue) -> str:
    text = scalar(value)
    if isinstance(value, str) and text == value and _NOT_IN_FLOW.search(text):
        return json.dumps(value, ensure_ascii=False)
    return text


def short_flow(value: JsonObject | list[JsonValue], style: Style) -> str | None:
    """The value in one line, if it is short."""
    text = in_flow(value, style)
    return text if len(text) <= _FLOW_WIDTH else None


def as_before(value: str, before: Scalar, style: Style, *, flow: bool, written: str) -> Rendered | None:
    """`value` in the quotes or the block that the text before it had; None where it does not fit.

    written: that text. Of a block, the comment in its first line is kept, and the width that it is folded to.
    """
    if style.json:
        return Rendered(_json(value))
    if before.style == '"':
        written = scalar(value)
        return Rendered(written if written.startswith('"') else f'"{written}"')
    if before.style == "'" and value.isprintable():
        return Rendered("'" + value.replace("'", "''") + "'")
    if flow or before.style not in ("|", ">") or not _fits(value):
        return None
    lines = value.removesuffix("\n").split("\n")
    if before.style == ">":
        if any(line.startswith(" ") for line in lines):
            return None
        lines = _folded(
            lines, max(_LEAST_WIDTH, *(len(line.strip()) for line in written.splitlines()[1:] or [""]))
        )
    _, mark, comment = written.splitlines()[0].partition("#")
    chomp = "" if value.endswith("\n") else "-"
    return Rendered(f"{before.style}{chomp}" + (f" #{comment}" if mark else ""), _indented(lines, style.step))


def _fits(text: str) -> bool:
    """As emitter.fits_a_block, but one line is enough."""
    return fits_a_block(text if "\n" in text.removesuffix("\n") else f"{text.removesuffix(chr(10))}\n.")


def _folded(lines: list[str], width: int) -> list[str]:
    """The lines of a folded block: an empty one stands for each line break."""
    folded = _narrow(lines[0], width)
    for line in lines[1:]:
        folded.append("")
        if line:
            folded += _narrow(line, width)
    return folded


def _narrow(line: str, width: int) -> list[str]:
    """One line of a text as several, which fold back to it."""
    lines, rest = [], line
    while len(rest) > width and (cut := _cut(rest, width)):
        lines.append(rest[:cut])
        rest = rest[cut + 1 :]
    return [*lines, rest]


def _cut(text: str, width: int) -> int:
    """Where a single blank stands between two words, as far behind as the width allows, or the first; 0 where none does."""
    places = [match.start() for match in re.finditer(r"(?<=\S) (?=\S)", text)]
    return max((place for place in places if place <= width), default=places[0] if places else 0)


def _json(value: JsonValue, indent: int | None = None) -> str:
    """What a JSON reader and ours take for `value`."""
    plain = json.dumps(value, ensure_ascii=False).isprintable()
    return json.dumps(value, ensure_ascii=not plain, indent=indent).replace("\x7f", "\\u007f")


def _literal(text: str, step: int) -> Rendered:
    lines = text.removesuffix("\n").split("\n")
    return Rendered("|" if text.endswith("\n") else "|-", _indented(lines, step))


def _indented(lines: list[str] | tuple[str, ...], step: int) -> tuple[str, ...]:
    return tuple(" " * step + line if line else "" for line in lines)
