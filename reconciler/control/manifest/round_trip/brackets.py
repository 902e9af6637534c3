"""Adds to and takes from what stands between brackets or braces, with its commas."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reconciler.control.manifest.round_trip import layout
from reconciler.control.manifest.round_trip.splices import Splices

_COMMENT_NEXT = re.compile(r"[ \t]*+,?[ \t]*+#")


class Part(NamedTuple):
    """An item, or a key and its value: [start, end) of the text."""

    start: int
    end: int
    gone: bool


def change_parts(splices: Splices, parts: Sequence[Part], added: Mapping[int, Sequence[str]]) -> None:
    """`added`: what is to be written behind which part, by its index; -1 for before the first. At least one part stays."""
    for index, part in enumerate(parts):
        if part.gone:
            _remove(splices, parts, index)
    for index, texts in added.items():
        _add(splices, parts, index, texts)


def _remove(splices: Splices, parts: Sequence[Part], index: int) -> None:
    part = parts[index]
    if index + 1 < len(parts):
        splices.remove(part.start, parts[index + 1].start)
        return
    staying = next((at for at in reversed(range(index)) if not parts[at].gone), None)
    if staying is None:
        splices.remove(part.start, part.end)
    elif any(_has_comment(splices.text, parts, at) for at in range(staying, index)):
        # on what stays; a comma may stand at the end
        begins = layout.begins_line(splices.text, part.start)
        start = layout.line_start(splices.text, part.start) if begins else part.start
        splices.remove(start, layout.next_line(splices.text, part.end) if begins else part.end)
    else:
        splices.remove(parts[staying].end, part.end)


def _has_comment(text: str, parts: Sequence[Part], index: int) -> bool:
    """Whether a comment stands between a part and the next."""
    return "#" in text[parts[index].end : parts[index + 1].start]


def _add(splices: Splices, parts: Sequence[Part], index: int, texts: Sequence[str]) -> None:
    text = splices.text
    near = parts[max(index, 0)]
    lines = layout.begins_line(text, near.start) and layout.line_start(text, near.start) > 0
    between = ", "
    if lines:
        between = "," + splices.eol + " " * layout.column(text, near.start)
    joined = between.join(texts)
    if index < 0:
        splices.insert(near.start, joined + between)
        return
    following = parts[index + 1] if index + 1 < len(parts) else None
    rest = text[near.end : layout.line_end(text, near.end)]
    if not lines or not _COMMENT_NEXT.match(rest):
        splices.insert(near.end, between + joined)
    elif following is not None and not following.gone:
        splices.insert(following.start, joined + between)
    else:
        comma = rest.lstrip().startswith(",")
        if not comma:
            splices.insert(near.end, ",")
        splices.insert(layout.line_end(text, near.end), between[1:] + joined + ("," if comma else ""))
