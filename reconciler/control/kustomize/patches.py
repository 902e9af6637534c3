"""Patches: loaded once for their kustomization, then applied in their order to all that it has gathered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.control.kustomize.inline import read_inline
from reconciler.control.kustomize.kustomization import Patch
from reconciler.control.kustomize.loader import Loader, Overlaid, Spot
from reconciler.control.kustomize.piece import Identity, Origin, Piece, differences, identity_of
from reconciler.control.kustomize.selector import Target, TargetError, target_of
from reconciler.control.kustomize.strategic_merge import MergeError, strategic_merge
from reconciler.control.manifest.document import Document, Problem, Reading, field_path
from reconciler.control.manifest.locator import Path
from reconciler.control.patch.json_patch import json_patch
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

_HEADER = ("apiVersion", "kind", "metadata", "name", "namespace")
"""A merge patch says by them what it is for; it changes none of them."""
_FORM = "a merge patch begins with apiVersion, kind and metadata.name; a JSON patch is a list of operations"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One patch. `document.items` are the operations of a JSON patch. `spot`: the entry in the kustomization."""

    document: Document
    target: Target | None
    spot: Spot


def load_patches(overlaid: Overlaid, loader: Loader) -> Iterator[Loaded]:
    """The patches of a kustomization that can be used; what is wrong with the others is noted."""
    for index, entry in enumerate(overlaid.wants.patches or ()):
        yield from _load(overlaid, loader, entry, ("patches", index))


def _load(overlaid: Overlaid, loader: Loader, entry: Patch, path: Path) -> Iterator[Loaded]:
    spot = Spot(overlaid.document, path)
    try:
        target = target_of(entry.target) if entry.target is not None else None
    except TargetError as error:
        at = (*path, "target", error.word)
        loader.problems.append(Problem(overlaid.document.locate(at), str(error), None, field_path(at)))
        return
    reading = _text(overlaid, loader, entry, path)
    if reading is None or reading.problems:
        return
    wrong = _misfit(reading.documents, entry)
    if wrong is not None:
        loader.problems.append(Problem(spot.location(), wrong, None, field_path(path)))
        return
    for document in reading.documents:
        yield Loaded(document, target, spot)


def _text(overlaid: Overlaid, loader: Loader, entry: Patch, path: Path) -> Reading | None:
    if bool(entry.patch and entry.patch.strip()) == bool(entry.path):
        message = "a patch has either patch, its text, or path, its file"
        loader.problems.append(Problem(overlaid.document.locate(path), message, None, field_path(path)))
        return None
    if entry.path:
        return loader.file(overlaid.folder, entry.path, Spot(overlaid.document, (*path, "path")))
    reading = read_inline(overlaid.document, (*path, "patch"), entry.patch or "")
    loader.problems += reading.problems
    return reading


def _misfit(documents: Sequence[Document], entry: Patch) -> str | None:
    """Why the documents of one entry are no patch."""
    if not documents:
        return f"the patch is empty; {_FORM}"
    if any(document.items is not None for document in documents):
        if len(documents) > 1:
            return "a JSON patch stands alone in its file or text"
        return None if entry.target is not None else "a JSON patch needs a target"
    if len(documents) > 1 and entry.target is not None:
        return "several merge patches in one can't have one target"
    if not all(_names_one(document.data) for document in documents):
        return f"no patch; {_FORM}"
    return None


def _names_one(data: JsonObject) -> bool:
    identity = identity_of(data)
    return bool(identity.version and identity.kind and identity.name)


class Patching:
    """The pieces of one kustomization while its patches are applied. A deleted one is None."""

    def __init__(self, pieces: Sequence[Piece], loader: Loader) -> None:
        self._pieces: list[Piece | None] = list(pieces)
        self._loader = loader
        self._index: dict[Identity, list[int]] | None = None

    @property
    def pieces(self) -> list[Piece]:
        return [piece for piece in self._pieces if piece is not None]

    def apply(self, patch: Loaded) -> None:
        meant = self._by_name(patch) if patch.target is None else self._by_target(patch.target, patch.spot)
        for index in meant:
            piece = self._pieces[index]
            if piece is None or piece.base.faulty:
                continue
            self._loader.work(1 + len(piece.base.text) // 100, patch.spot)
            if patch.document.items is None:
                self._pieces[index] = self._merged(piece, patch.document)
            else:
                self._pieces[index] = self._operated(piece, patch.document, patch.document.items)
                self._index = None

    def _by_target(self, target: Target, spot: Spot) -> list[int]:
        self._loader.work(target.cost * len(self._pieces), spot)
        return [index for index, piece in enumerate(self._pieces) if piece is not None and target.fits(piece)]

    def _by_name(self, patch: Loaded) -> list[int]:
        """What the patch itself names, by its present or any earlier name."""
        wanted = identity_of(patch.document.data)
        if self._index is None:
            self._index = self._indexed()
        found = [index for index in self._index.get(wanted, ()) if self._pieces[index] is not None]
        if len(found) != 1 and not self._loader.problems:
            name = f"{wanted.kind}/{wanted.name}"
            message = f"the patch is for {name}, which " + (
                "several resources here are or were called" if found else "is not among the resources here"
            )
            place = patch.document.locate(("metadata", "name"))
            self._loader.problems.append(Problem(place, message, hint="correct the name, or give a target"))
        return found if len(found) == 1 else []

    def _indexed(self) -> dict[Identity, list[int]]:
        index: dict[Identity, list[int]] = {}
        for position, piece in enumerate(self._pieces):
            for identity in {*piece.earlier, piece.identity} if piece is not None else ():
                index.setdefault(identity, []).append(position)
        return index

    def _merged(self, piece: Piece, document: Document) -> Piece | None:
        try:
            merged = strategic_merge(piece.data, document.data)
        except MergeError as error:
            place = document.locate(error.path)
            self._loader.problems.append(Problem(place, str(error), None, field_path(error.path), error.hint))
            return piece
        if merged is None:
            return None
        data = _with_header(merged, piece.data)
        written = (Origin(path, document, path) for path in differences(piece.data, data))
        return piece.changed(data, *written)

    def _operated(self, piece: Piece, document: Document, operations: list[JsonValue]) -> Piece:
        try:
            data = _object(json_patch(piece.data, operations))
        except InvalidInput as error:
            place = document.locate((_failing(piece.data, operations),))
            who = f"{piece.identity.kind}/{piece.identity.name}"
            self._loader.problems.append(Problem(place, f"{who}: {error.message}", hint=error.hint))
            return piece
        written = (
            Origin(path, document, _operation_for(path, operations)) for path in differences(piece.data, data)
        )
        return piece.remembering().changed(data, *written)


def _object(patched: JsonValue) -> JsonObject:
    if not isinstance(patched, dict):
        raise InvalidInput("nothing is left that could be a resource")
    return patched


def _with_header(merged: JsonObject, before: JsonObject) -> JsonObject:
    """apiVersion, kind, name and namespace stay what they were."""
    metadata, held = merged.get("metadata"), before.get("metadata")
    kept = {name: value for name, value in held.items() if name in _HEADER} if isinstance(held, dict) else {}
    rest = metadata.items() if isinstance(metadata, dict) else ()
    whole = {**merged, "metadata": {**kept, **{name: value for name, value in rest if name not in _HEADER}}}
    return {**whole, **{name: before[name] for name in ("apiVersion", "kind") if name in before}}


def _failing(data: JsonObject, operations: list[JsonValue]) -> int:
    """The first operation that fails: found again by halves, for the message alone."""
    low, high = 0, len(operations)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            json_patch(data, operations[:middle])
        except InvalidInput:
            high = middle
        else:
            low = middle
    return low


def _operation_for(path: Path, operations: list[JsonValue]) -> Path:
    """The last operation whose place lies on the way to `path`, or below it."""
    steps = [str(step) for step in path]
    for index in range(len(operations) - 1, -1, -1):
        operation = operations[index]
        pointer = operation.get("path") if isinstance(operation, dict) else None
        names = pointer.split("/")[1:] if isinstance(pointer, str) else []
        told = [name.replace("~1", "/").replace("~0", "~") for name in names]
        shared = min(len(told), len(steps))
        if told[:shared] == steps[:shared]:
            return (index,)
    return ()
