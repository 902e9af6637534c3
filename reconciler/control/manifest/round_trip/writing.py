"""Writes one value in the place of another: its quotes, its comment and its anchor stay where they can."""

import re
from dataclasses import dataclass

from reconciler.control.manifest.round_trip import layout
from reconciler.control.manifest.round_trip.layout import Style
from reconciler.control.manifest.round_trip.nodes import Alias, Mapping, Node, Scalar, Sequence
from reconciler.control.manifest.round_trip.rendering import (
    Rendered,
    as_before,
    in_flow,
    item_lines,
    rendered,
    short_flow,
)
from reconciler.control.manifest.round_trip.splices import Splices
from reconciler.json_types import JsonValue

_BLANKS = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. after: behind the `:` or `-`. indent: the column of the key or the `-`.

    lacks_colon: the key stands alone so far.
    """

    after: int
    indent: int
    flow: bool = False
    item: bool = False
    lacks_colon: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    splices: Splices
    style: Style

    @property
    def text(self) -> str:
        return self.splices.text

    def drop_anchor(self, node: Scalar | Mapping | Sequence) -> None:
        end = self._anchor_end(node)
        blanks = _BLANKS.match(self.text, end)
        if blanks is not None and blanks.end() == node.content != end:
            self.splices.remove(node.start, node.content)
        else:
            before = self.text[: node.start]
            self.splices.remove(len(before.rstrip(" \t")), end)

    def _anchor_end(self, node: Scalar | Mapping | Sequence) -> int:
        return node.start + 1 + len(node.anchor or "")

    def value(self, node: Node, value: JsonValue, place: Place, *, anchor: str | None = None) -> None:
        """Writes `value` in the place of `node`, with a new anchor if one is given."""
        content = node.start if isinstance(node, Alias) else node.content
        end = self._end(node, content)
        written = self._written(node, value, place, content, anchored=anchor is not None)
        if anchor is not None:
            written = Rendered(f"&{anchor} {written.inline}".rstrip(), written.lines)
        if place.flow:
            self._inline(content, end, written.inline, place)
        elif self._stands_below(node, content, written):
            self._below(node, content, written, place)
        else:
            self._inline(content, end, written.inline, place)
            self.splices.insert_lines(layout.next_line(self.text, end), written.lines, place.indent)

    def _end(self, node: Node, content: int) -> int:
        """Behind the last character of the value: empty lines and the line's end stay."""
        return content + len(self.text[content : node.end].rstrip(" \t\r\n"))

    def _inline(self, content: int, end: int, inline: str, place: Place) -> None:
        if content == end:
            colon = ":" if place.lacks_colon else ""
            self.splices.insert(content, f"{colon} {inline}".rstrip())
        elif inline:
            self.splices.replace(content, end, inline)
        else:
            self.splices.remove(place.after, end)

    def _stands_below(self, node: Node, content: int, written: Rendered) -> bool:
        """Whether what goes are whole lines below the key."""
        block = isinstance(node, Mapping | Sequence) and not node.flow
        return (
            (block or not written.inline) and content != node.end and layout.begins_line(self.text, content)
        )

    def _below(self, node: Node, content: int, written: Rendered, place: Place) -> None:
        head = place.after
        if not isinstance(node, Alias) and node.anchor is not None:
            head = max(head, self._anchor_end(node))
        if written.inline:
            self.splices.insert(head, f" {written.inline}")
        first = layout.line_start(self.text, content)
        # a block text must follow its header at once; anything else leaves the comments above it where they are
        begin = layout.next_line(self.text, head) if written.inline[:1] in ("|", ">") else first
        self.splices.insert_lines(begin, written.lines, place.indent)
        self.splices.remove(first, layout.below(self.text, node.end, place.indent))

    def _written(
        self, node: Node, value: JsonValue, place: Place, content: int, *, anchored: bool
    ) -> Rendered:
        if place.flow:
            return self._in_flow(node, value, content)
        if isinstance(value, str) and isinstance(node, Scalar) and isinstance(node.value, str):
            found = as_before(value, node, self.style, flow=False, written=self.text[content : node.end])
            if found is not None:
                return found
        if isinstance(value, dict | list) and value:
            inline = self._was_inline(node)
            flow = short_flow(value, self.style) if inline else None
            if flow is not None or (place.item and anchored):
                return Rendered(flow or in_flow(value, self.style))
        if place.item:
            first, *rest = item_lines(value, self.style)
            return Rendered(first[2:], tuple(rest))
        return rendered(value, self.style)

    def _in_flow(self, node: Node, value: JsonValue, content: int) -> Rendered:
        if isinstance(value, str) and isinstance(node, Scalar) and isinstance(node.value, str):
            found = as_before(value, node, self.style, flow=True, written="")
            if found is not None:
                return found
        return Rendered(self.flow(value, content))

    def flow(self, value: JsonValue, near: int) -> str:
        """A value inside brackets; several lines where what stands `near` begins a line."""
        begins = layout.line_start(self.text, near)
        indent = len(self.text[begins:near]) - len(self.text[begins:near].lstrip(" "))
        return in_flow(value, self.style, indent=indent, multiline=begins != 0)

    def _was_inline(self, node: Node) -> bool:
        if isinstance(node, Alias):
            return True
        if isinstance(node, Scalar):
            return node.content != node.end and node.style not in ("|", ">")
        return node.flow
