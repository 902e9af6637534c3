"""A folder with a kustomization → documents: gathered from within outwards, then named, sorted and placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from os.path import dirname, realpath

from reconciler.control.kustomize.back_references import mend_references
from reconciler.control.kustomize.configuration import NameReference, built_in, parse_configuration
from reconciler.control.kustomize.loader import Folder, Loader, Overlaid, Spot, TooMuch
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.kustomize.patches import Patching, load_patches
from reconciler.control.kustomize.piece import Piece, composed
from reconciler.control.kustomize.transform import transformed
from reconciler.control.manifest.document import Document, Problem, Reading, field_path, quoted

__all__ = ["Overlay", "build", "folders"]

_LOCAL = "config.kubernetes.io/local-config"
"""An annotation: the resource is for the kustomization alone."""
_FIRST = ("Secret",)
"""The only kind of ours that kustomize sorts before the others."""


def build(overlay: Overlay) -> Reading:
    """The documents that the folder stands for, in kustomize's order, with all that is wrong. Never raises."""
    folder = str(overlay)
    loader = Loader(top=realpath(overlay.top) if overlay.top is not None else None)
    root = Folder(folder, realpath(folder) if "\0" not in folder else folder)
    given = Document({}, folder, "", 0)
    if not loader.is_folder(root, "."):
        problem = Problem(
            given.locate(()), "no such folder", hint="-k takes a folder with a kustomization.yaml"
        )
        return Reading((), (problem,), (folder,))
    builder = _Builder(loader)
    pieces: list[Piece] = []
    try:
        overlaid = loader.overlay(root, Spot(given))
        if overlaid is not None:
            pieces = builder.gathered(overlaid, [root], [])
            pieces, ambiguous = mend_references(pieces, [*built_in(), *builder.references])
            loader.problems += ambiguous
    except TooMuch as error:
        loader.problems.append(Problem(error.place, str(error), hint="make it smaller"))
    documents = tuple(composed(piece, folder) for piece in sorted(pieces, key=_rank) if not _is_local(piece))
    return Reading(documents, tuple(dict.fromkeys(loader.problems)), tuple(loader.files))


def folders(overlay: Overlay) -> tuple[str, ...]:
    """Where the files stand that it is built of now: its own folder, and those of its bases and components."""
    return tuple(dict.fromkeys((str(overlay), *map(dirname, build(overlay).files))))


@dataclass(slots=True)
class _Builder:
    loader: Loader
    references: list[NameReference] = field(default_factory=list)

    def gathered(self, overlaid: Overlaid, stack: Sequence[Folder], pieces: list[Piece]) -> list[Piece]:
        """`pieces`, and the resources of one kustomization, as it wants them. `stack` are the folders that led here.

        A component is given what its holder has gathered; everybody else begins with nothing.
        """
        for index, path in enumerate(overlaid.wants.resources or ()):
            pieces = pieces + self._resource(overlaid, stack, path, index)
        self._configure(overlaid)
        for index, path in enumerate(overlaid.wants.components or ()):
            component = self._below(overlaid, stack, path, ("components", index), is_component=True)
            if component is not None:
                pieces = self.gathered(component, [*stack, component.folder], pieces)
        self.loader.count([piece.base for piece in pieces], Spot(overlaid.document))
        patching = Patching(pieces, self.loader)
        for patch in load_patches(overlaid, self.loader):
            patching.apply(patch)
        return transformed(patching.pieces, overlaid)

    def _resource(self, overlaid: Overlaid, stack: Sequence[Folder], path: str, index: int) -> list[Piece]:
        """A file's documents, or what another kustomization makes."""
        steps = ("resources", index)
        if self.loader.is_there(overlaid.folder, path) and not self.loader.is_folder(overlaid.folder, path):
            reading = self.loader.file(overlaid.folder, path, Spot(overlaid.document, steps))
            return self._pieces(reading.documents) if reading is not None else []
        base = self._below(overlaid, stack, path, steps, is_component=False)
        return self.gathered(base, [*stack, base.folder], []) if base is not None else []

    def _pieces(self, documents: Sequence[Document]) -> list[Piece]:
        for document in documents:
            if document.items is not None:
                message = "a document is a mapping with apiVersion, kind, metadata and spec"
                self.loader.problems.append(
                    Problem(document.locate(()), message, hint="a patch goes under patches")
                )
        return [Piece(document.data, document) for document in documents if document.items is None]

    def _below(
        self,
        overlaid: Overlaid,
        stack: Sequence[Folder],
        path: str,
        steps: tuple[str, int],
        *,
        is_component: bool,
    ) -> Overlaid | None:
        """The kustomization that another one names, of the kind that it has to be."""
        spot = Spot(overlaid.document, steps)
        folder = self.loader.below(stack, path, spot)
        found = self.loader.overlay(folder, spot) if folder is not None else None
        if found is None or found.wants.is_component is is_component:
            return found
        kind, word = (
            ("a Component", "components") if found.wants.is_component else ("no Component", "resources")
        )
        message = f"{quoted(path)} is {kind}"
        self.loader.problems.append(
            Problem(spot.location(), message, None, field_path(steps), f"name it under {word}")
        )
        return None

    def _configure(self, overlaid: Overlaid) -> None:
        for index, path in enumerate(overlaid.wants.configurations or ()):
            spot = Spot(overlaid.document, ("configurations", index))
            reading = self.loader.file(overlaid.folder, path, spot)
            for document in reading.documents if reading is not None and not reading.problems else ():
                for found in parse_configuration(document):
                    if isinstance(found, Problem):
                        self.loader.problems.append(found)
                    else:
                        self.references.append(found)


def _rank(piece: Piece) -> tuple[int, str, str]:
    """Kustomize's order: first kinds, then by kind, then by namespace (none counts as ~X) and name in one text."""
    _, _, kind, _, name = piece.identity
    namespace = piece.metadata().get("namespace")
    written = namespace if isinstance(namespace, str) and namespace else "~X"
    return (0 if kind in _FIRST else 1), kind, f"{written}|{name}"


def _is_local(piece: Piece) -> bool:
    return piece.texts("annotations").get(_LOCAL, "false") != "false"
