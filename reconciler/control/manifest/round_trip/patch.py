"""One document → the same document with what is wanted: only what differs is written anew."""

from dataclasses import dataclass

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip import layout
from reconciler.control.manifest.round_trip.anchors import Anchors, Fate
from reconciler.control.manifest.round_trip.brackets import Part, change_parts
from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Alias, Entry, Item, Mapping, Node, Sequence, data_of
from reconciler.control.manifest.round_trip.rendering import entry_lines, flow_scalar, item_lines
from reconciler.control.manifest.round_trip.sameness import (
    Absent,
    Wanted,
    entries_of,
    items_of,
    keeps_shape,
    same,
)
from reconciler.control.manifest.round_trip.splices import Splices
from reconciler.control.manifest.round_trip.writing import Place, Writing
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.structure import Structure

_PASSES = 3
"""A text at the very end of a file, without a line end, changes when something is put behind it: it is mended."""


def patched(text: str, wanted: JsonObject, structure: Structure) -> str:
    """`text`, one document, with what differs from `wanted` written anew. Raises UnreadableError."""
    before = text
    for _ in range(_PASSES):
        root = load(text)
        if root is None:
            break
        style = layout.style_of(text, root)
        splices = Splices(text, style.eol)
        _Patch(Writing(splices, style), Anchors.of(root, wanted, structure)).node(
            root, wanted, structure, Place(root.start, 0)
        )
        if not splices:
            break
        text = splices.made()
        if declares(text, wanted, structure):
            break
    if before.endswith(("\n", "\r")):
        return text
    shorter = text.removesuffix("\n").removesuffix("\r")
    return shorter if declares(shorter, wanted, structure) else text


def declares(text: str, wanted: JsonObject, structure: Structure) -> bool:
    """Whether `text`, one document, is read by our reader as what is wanted."""
    documents = read_text(text, "").documents
    return len(documents) == 1 and same(structure, documents[0].data, wanted)


@dataclass(frozen=True, slots=True)
class _Patch:
    writing: Writing
    anchors: Anchors

    def node(self, node: Node, wanted: Wanted, structure: Structure, place: Place) -> None:
        if isinstance(wanted, Absent):
            return
        if isinstance(node, Alias):
            fate = self.anchors.fate(node, wanted, structure)
            if fate is not Fate.KEEP:
                anchor = node.target.anchor if fate is Fate.TAKE_OVER else None
                self.writing.value(node, wanted, place, anchor=anchor)
            return
        if self.anchors.lets_go(node):
            self.writing.drop_anchor(node)
        if not keeps_shape(node, wanted):
            if not same(structure, data_of(node), wanted):
                self.writing.value(node, wanted, place)
        elif isinstance(node, Mapping) and isinstance(wanted, dict):
            self._mapping(node, wanted, structure, place)
        elif isinstance(node, Sequence) and isinstance(wanted, list):
            self._sequence(node, wanted, structure, place)

    def _mapping(self, node: Mapping, wanted: JsonObject, structure: Structure, place: Place) -> None:
        gone = []
        for entry, value, child in entries_of(node, wanted, structure):
            if isinstance(value, Absent):
                gone.append(entry)
            inside = self._place_of(entry, node, place)
            self.node(entry.value, value, child, inside)
        new = _new_entries(node, wanted, gone)
        if node.flow or place.flow:
            self._flow_mapping(node, gone, new)
            return
        text, splices = self.writing.text, self.writing.splices
        for entry, added in new:
            indent = layout.column(text, entry.start)
            position = layout.below(text, _end(entry), indent)
            for name, value in added.items():
                splices.insert_lines(position, entry_lines(name, value, self.writing.style), indent)
        for entry in gone:
            self._remove_entry(node, entry, gone)

    def _place_of(self, entry: Entry, node: Mapping, place: Place) -> Place:
        after = entry.key_end if entry.after is None else entry.after
        return Place(
            after,
            layout.column(self.writing.text, entry.start),
            flow=node.flow or place.flow,
            lacks_colon=entry.after is None,
        )

    def _flow_mapping(self, node: Mapping, gone: list[Entry], new: list[tuple[Entry, JsonObject]]) -> None:
        parts = [Part(entry.start, _end(entry), entry in gone) for entry in node.entries]
        added = {
            node.entries.index(entry): [
                f"{self._flow_key(name)}: {self.writing.flow(value, entry.start)}"
                for name, value in values.items()
            ]
            for entry, values in new
        }
        change_parts(self.writing.splices, parts, added)

    def _flow_key(self, name: str) -> str:
        return self.writing.flow(name, 0) if self.writing.style.json else flow_scalar(name)

    def _remove_entry(self, node: Mapping, entry: Entry, gone: list[Entry]) -> None:
        text, splices = self.writing.text, self.writing.splices
        indent = layout.column(text, entry.start)
        if layout.begins_line(text, entry.start):
            first = layout.line_start(text, entry.start)
            splices.remove(first, layout.below(text, _end(entry), indent))
            return
        # behind the `-` of a list: what follows moves up to it
        following = next(other for other in node.entries if other not in gone)
        splices.remove(entry.start, following.start)

    def _sequence(self, node: Sequence, wanted: list[JsonValue], structure: Structure, place: Place) -> None:
        gone: list[Item] = []
        new: dict[int, list[JsonValue]] = {}
        last = -1
        for item, value, child in items_of(node, wanted, structure):
            if item is None:
                new.setdefault(last, []).append(None if isinstance(value, Absent) else value)
                continue
            if isinstance(value, Absent):
                gone.append(item)
            else:
                last = node.items.index(item)
            indent = layout.column(self.writing.text, item.start)
            flow = node.flow or place.flow
            self.node(item.value, value, child, Place(item.after, indent, flow=flow, item=True))
        if node.flow or place.flow:
            parts = [Part(item.start, item.value.end, item in gone) for item in node.items]
            near = node.items[0].start
            added = {
                index: [self.writing.flow(value, near) for value in values] for index, values in new.items()
            }
            change_parts(self.writing.splices, parts, added)
        else:
            self._block_items(node, gone, new)

    def _block_items(self, node: Sequence, gone: list[Item], new: dict[int, list[JsonValue]]) -> None:
        text, splices = self.writing.text, self.writing.splices
        for index, values in new.items():
            item = node.items[max(index, 0)]
            indent = layout.column(text, item.start)
            position = layout.line_start(text, item.start)
            if index >= 0:
                position = layout.below(text, max(item.value.end, item.after), indent)
            for value in values:
                splices.insert_lines(position, item_lines(value, self.writing.style), indent)
        for item in gone:
            indent = layout.column(text, item.start)
            end = layout.below(text, max(item.value.end, item.after), indent)
            splices.remove(layout.line_start(text, item.start), end)


def _end(entry: Entry) -> int:
    return max(entry.value.end, entry.after or 0, entry.key_end)


def _new_entries(node: Mapping, wanted: JsonObject, gone: list[Entry]) -> list[tuple[Entry, JsonObject]]:
    """What is to be added behind which entry: the nearest that stands before it in the order of what is wanted, or the
    last.
    """
    staying = {entry.key: entry for entry in node.entries if entry not in gone}
    last = next(entry for entry in reversed(node.entries) if entry not in gone)
    found: dict[str, tuple[Entry, JsonObject]] = {}
    before: Entry | None = None
    for name, value in wanted.items():
        if name in staying:
            before = staying[name]
        elif value is not None:
            entry = before or last
            found.setdefault(entry.key, (entry, {}))[1][name] = value
    return list(found.values())
