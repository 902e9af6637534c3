"""Names follow what they name: done once, at the end, when every resource has its last name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.control.kustomize.configuration import NameReference
from reconciler.control.kustomize.piece import Piece
from reconciler.control.manifest.document import Problem, field_path
from reconciler.json_types import JsonValue

_Named = tuple[str, str]
"""(present namespace, earlier name)"""


@dataclass(slots=True)
class _Referring:
    """One resource, while its references are mended."""

    piece: Piece
    renamed: dict[_Named, list[Piece]]
    problems: list[Problem]

    def mended(self, value: JsonValue, reference: NameReference, depth: int = 0) -> JsonValue:
        """`value`, which stands below the first `depth` steps of the path. What is no name is left as it is."""
        if isinstance(value, list):
            return [self.mended(item, reference, depth) for item in value]
        if depth == len(reference.path):
            return self._name(value, reference) if isinstance(value, str) else value
        step = reference.path[depth]
        if not isinstance(value, dict) or step not in value:
            return value
        below = self.mended(value[step], reference, depth + 1)
        return value if below is value[step] else {**value, step: below}

    def _name(self, name: str, reference: NameReference) -> str:
        namespace = self.piece.identity.namespace
        found = [
            candidate
            for candidate in self.renamed.get((namespace, name), ())
            if any(reference.target.fit(identity) for identity in candidate.earlier)
        ]
        for strict in (False, True):
            if len(found) > 1:
                found = [
                    candidate for candidate in found if _same_context(self.piece, candidate, strict=strict)
                ]
        names = sorted({candidate.identity.name for candidate in found})
        if len(names) > 1:
            self._ambiguous(name, names, reference)
        return names[0] if len(names) == 1 else name

    def _ambiguous(self, name: str, names: Sequence[str], reference: NameReference) -> None:
        identity = self.piece.identity
        message = f'{identity.kind}/{identity.name}: "{name}" may mean {" or ".join(names)}'
        place = self.piece.base.locate(reference.path)
        self.problems.append(
            Problem(place, message, None, field_path(reference.path), "write which one is meant")
        )


def mend_references(
    pieces: Iterable[Piece], references: Iterable[NameReference]
) -> tuple[list[Piece], list[Problem]]:
    """All pieces, with the present names in every field that holds the earlier name of a piece in its namespace."""
    held = list(pieces)
    known = list(dict.fromkeys(references))
    problems: list[Problem] = []
    renamed = _renamed(held)
    mended = []
    for piece in held:
        referring = _Referring(piece, renamed, problems)
        data: JsonValue = piece.data
        for reference in known:
            if reference.holder.fit(piece.original):
                data = referring.mended(data, reference)
        mended.append(piece if data is piece.data or not isinstance(data, dict) else piece.changed(data))
    return mended, problems


def _renamed(pieces: Iterable[Piece]) -> dict[_Named, list[Piece]]:
    found: dict[_Named, list[Piece]] = {}
    for piece in pieces:
        for name in {identity.name for identity in piece.earlier}:
            found.setdefault((piece.identity.namespace, name), []).append(piece)
    return found


def _same_context(one: Piece, other: Piece, *, strict: bool) -> bool:
    """Whether both went through the same outer kustomizations. Not strictly: one without any fits everything."""
    pairs = ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    return all(
        (not strict and not (first and second)) or _end_alike(first, second) for first, second in pairs
    )


def _end_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if not one or not other:
        return one == other
    shorter = min(len(one), len(other))
    return one[-shorter:] == other[-shorter:]
