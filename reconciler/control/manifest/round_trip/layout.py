"""How a text is laid out: its lines, columns, indentation and line ends. What is added follows it."""

import re
from dataclasses import dataclass

from reconciler.control.manifest.round_trip.nodes import Mapping, Node, Sequence, walk

_BREAK = re.compile("\r\n|\r|\n")
_COMMENT_LINE = re.compile(r"[ \t]*#[^\r\n]*(?:\r\n|\r|\n|\Z)")
_EMPTY_LINE = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_FIRST_STEP = 2


@dataclass(frozen=True, slots=True)
class Style:
    """step: columns that a mapping inside another is indented by. dash: the same of a list's `-`, from its key on."""

    step: int = _FIRST_STEP
    dash: int = _FIRST_STEP
    eol: str = "\n"
    json: bool = False


def eol_of(text: str) -> str:
    """The line end that `text` uses most."""
    counts = {"\n": text.count("\n") - text.count("\r\n"), "\r\n": text.count("\r\n")}
    counts["\r"] = text.count("\r") - counts["\r\n"]
    best = max(counts, key=lambda eol: counts[eol])
    return best if counts[best] else "\n"


def line_start(text: str, position: int) -> int:
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def column(text: str, position: int) -> int:
    return position - line_start(text, position)


def line_end(text: str, position: int) -> int:
    """Before the line's end."""
    found = _BREAK.search(text, position)
    return found.start() if found else len(text)


def next_line(text: str, position: int) -> int:
    """Where the line behind that of `position` begins; a place at the beginning of a line is there already."""
    if position > 0 and text[position - 1] in "\r\n":
        return position
    found = _BREAK.search(text, position)
    return found.end() if found else len(text)


def begins_line(text: str, position: int) -> bool:
    """Whether only blanks stand before it on its line."""
    return not text[line_start(text, position) : position].strip(" \t")


def below(text: str, end: int, indent: int) -> int:
    """The beginning of the line behind what ends at `end`, and behind the comment lines that belong to it: those that
    stand deeper than `indent`.
    """
    found = next_line(text, end)
    position = found
    while True:
        while empty := _EMPTY_LINE.match(text, position):
            position = empty.end()
        comment = _COMMENT_LINE.match(text, position)
        if comment is None or comment.end() == position or _depth(comment[0]) <= indent:
            return found
        found = position = comment.end()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def style_of(text: str, root: Node) -> Style:
    """The style of a document that was read as `root`."""
    json = (
        isinstance(root, Mapping)
        and root.flow
        and all(text.startswith('"', entry.start) for entry in root.entries)
    )
    step, dash = None, None
    for node in walk(root):
        if not isinstance(node, Mapping):
            continue
        for entry in node.entries:
            place = column(text, entry.start)
            inner = entry.value
            if isinstance(inner, Mapping) and inner.entries and step is None:
                step = _deeper(text, inner.entries[0].start, place)
            elif isinstance(inner, Sequence) and inner.items and not inner.flow and dash is None:
                dash = column(text, inner.items[0].start) - place
    step = step or _FIRST_STEP
    return Style(step, step if dash is None else max(dash, 0), eol_of(text), json)


def _deeper(text: str, position: int, outer: int) -> int | None:
    """By how much; None where it is on the same line as something else."""
    depth = column(text, position) - outer
    return depth if begins_line(text, position) and depth > 0 else None
