"""What becomes of anchors and aliases. A change at one place changes no other: who no longer shares is written out."""

from dataclasses import dataclass, field
from enum import Enum

from reconciler.control.manifest.round_trip.nodes import Alias, Mapping, Node, Scalar, Sequence, data_of
from reconciler.control.manifest.round_trip.sameness import Absent, Wanted, same, sites
from reconciler.json_types import JsonValue
from reconciler.resources.structure import Structure

Anchored = Scalar | Mapping | Sequence


class Fate(Enum):
    """What becomes of an alias."""

    KEEP = "keep"
    WRITE_OUT = "write out"
    TAKE_OVER = "take over"
    """It is written out with the anchor, for those behind it."""


@dataclass(slots=True)
class _Shared:
    """An anchored node. `moves`: the anchor goes to the first alias that keeps the old value."""

    node: Anchored
    old: JsonValue
    new: Wanted
    keeps: int = 0
    follows: int = 0
    unique: bool = True
    taken_over: bool = False

    @property
    def moves(self) -> bool:
        return self.unique and self.keeps > self.follows


@dataclass(slots=True)
class Anchors:
    """The anchors of one document that is changed to what is wanted."""

    _shared: dict[int, _Shared] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Node, wanted: JsonValue, structure: Structure) -> "Anchors":
        anchors = cls()
        names: dict[str, _Shared] = {}
        for node, value, inner in sites(root, wanted, structure):
            if isinstance(node, Alias):
                anchors._count(node, value, inner)
            elif node.anchor is not None:
                shared = _Shared(node, data_of(node), value)
                if node.anchor in names:  # given to two nodes: it can't move past the other
                    names[node.anchor].unique = shared.unique = False
                names[node.anchor] = anchors._shared[id(node)] = shared
        return anchors

    def _count(self, alias: Alias, value: Wanted, structure: Structure) -> None:
        shared = self._shared[id(alias.target)]
        if isinstance(value, Absent) or _is(structure, shared.new, shared.old):
            return
        shared.keeps += same(structure, value, shared.old)
        shared.follows += _is(structure, shared.new, value)

    def lets_go(self, node: Anchored) -> bool:
        """Whether the node loses its anchor."""
        shared = self._shared.get(id(node))
        return shared is not None and shared.moves

    def fate(self, alias: Alias, wanted: JsonValue, structure: Structure) -> Fate:
        """To be asked for each alias once, in the order of the text."""
        shared = self._shared[id(alias.target)]
        if not shared.moves:
            return Fate.KEEP if _is(structure, shared.new, wanted) else Fate.WRITE_OUT
        if not same(structure, wanted, shared.old):
            return Fate.WRITE_OUT
        if shared.taken_over:
            return Fate.KEEP
        shared.taken_over = True
        return Fate.TAKE_OVER


def _is(structure: Structure, one: Wanted, other: JsonValue) -> bool:
    return not isinstance(one, Absent) and same(structure, one, other)
