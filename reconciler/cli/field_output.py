"""How one changed field is shown: in a line, or as the lines and items that came and went inside it."""

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reconciler.cli.output import Palette
from reconciler.control.field_text import value_text
from reconciler.control.manifest.printable import printable
from reconciler.control.plan.model import Action, FieldChange
from reconciler.json_types import JsonObject, JsonValue

SAME, GONE, NEW = " ", "-", "+"
_COLOURS = {GONE: "red", NEW: "green"}
_CONTEXT = 2
"""Unchanged lines around what changed."""
_MOST = 60
"""Lines that are shown of one field."""


class Line(NamedTuple):
    """`mark` is SAME, GONE or NEW."""

    mark: str
    text: str


def inner_lines(old: JsonValue, new: JsonValue) -> Sequence[Line]:
    """What changed inside a list, or inside a text of several lines, with some context; empty for other values."""
    if isinstance(old, list) and isinstance(new, list):
        parts = [[value_text(item) for item in value] for value in (old, new)]
    elif isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        parts = [[printable(line) for line in value.split("\n")] for value in (old, new)]
    else:
        return ()
    lines = [*_hunks(*parts)]
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], Line(SAME, f"… {len(lines) - _MOST} more lines")]
    return lines


def field_lines(action: Action, item: FieldChange, palette: Palette) -> list[str]:
    """For a terminal."""
    name, note = printable(item.field), default_note(action, item)
    inner = () if item.secret else inner_lines(item.old, item.new)
    if inner:
        shown = (palette.paint(f"  {mark} {text}".rstrip(), _COLOURS.get(mark)) for mark, text in inner)
        return [f"{name}:{note}", *shown]
    if item.secret and item.old == item.new:
        return [f"{name}: {secret_text(item)}{note}"]
    old, new = (
        palette.paint(text, _COLOURS[mark]) for text, mark in zip(_values(item), (GONE, NEW), strict=True)
    )
    return [f"{name}: {new if item.old is None else f'{old} → {new}'}{note}"]


def marked_lines(action: Action, item: FieldChange) -> list[str]:
    """For a diff that is coloured by the first character of its lines; `!` is neither old nor new."""
    name, note = printable(item.field), default_note(action, item)
    inner = () if item.secret else inner_lines(item.old, item.new)
    if inner:
        return [f"  {name}:{note}", *(f"{mark}   {text}".rstrip() for mark, text in inner)]
    if item.secret and item.old == item.new:
        return [f"! {name}: {secret_text(item)}{note}"]
    old, new = _values(item)
    lines = [] if item.old is None else [f"{GONE} {name}: {old}"]
    return lines if item.new is None else [*lines, f"{NEW} {name}: {new}{note}"]


def field_json(item: FieldChange) -> JsonObject:
    found: JsonObject = {"field": item.field}
    if not item.secret or item.old != item.new:
        found |= {"old": item.old, "new": item.new}
    if item.default:
        found["default"] = True
    if item.secret:
        found["secret"] = "changed"  # noqa: S105  a word
    return found | ({"fingerprint": item.fingerprint} if item.fingerprint is not None else {})


def secret_text(item: FieldChange) -> str:
    """Of a secret whose value changed."""
    return f"(changed{_fingerprint_text(item)})"


def default_note(action: Action, item: FieldChange) -> str:
    if not item.default:
        return ""
    return "  (default)" if action is Action.CREATE else "  (default changed)"


def _values(item: FieldChange) -> tuple[str, str]:
    new = "(removed)" if item.new is None else value_text(item.new)
    if item.secret and item.fingerprint is not None:
        new = f"(sealed{_fingerprint_text(item)})"
    return value_text(item.old), new


def _fingerprint_text(item: FieldChange) -> str:
    return f", fingerprint {item.fingerprint}" if item.fingerprint is not None else ""


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """The lines of a unified diff, an ellipsis where it leaves out what is the same."""
    shown = 0
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT):
        shown = group[-1][2]
        if group[0][1] > 0:
            yield Line(SAME, "…")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from (Line(SAME, text) for text in old[old_from:old_to])
                continue
            yield from (Line(GONE, text) for text in old[old_from:old_to])
            yield from (Line(NEW, text) for text in new[new_from:new_to])
    if shown < len(old):
        yield Line(SAME, "…")
