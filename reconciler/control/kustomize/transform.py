"""What a kustomization says of all its resources: namespace, names, labels, annotations. In kustomize's order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.control.kustomize.loader import Overlaid
from reconciler.control.kustomize.piece import Origin, Piece
from reconciler.control.manifest.locator import Path
from reconciler.resources.api_version import API_VERSION

_ONE_A_NAMESPACE = "Settings"


def transformed(pieces: Sequence[Piece], overlaid: Overlaid) -> list[Piece]:
    wants = overlaid.wants
    changed = [
        _named(_placed(piece, overlaid), wants.name_prefix or "", wants.name_suffix or "") for piece in pieces
    ]
    for index, labels in enumerate(wants.labels or ()):
        place = ("labels", index, "pairs")
        changed = [_marked(piece, "labels", labels.pairs, overlaid, place) for piece in changed]
    annotations = wants.common_annotations or {}
    return [_marked(piece, "annotations", annotations, overlaid, ("commonAnnotations",)) for piece in changed]


def _placed(piece: Piece, overlaid: Overlaid) -> Piece:
    namespace = overlaid.wants.namespace
    if not namespace:
        return piece
    origin = Origin(("metadata", "namespace"), overlaid.document, ("namespace",))
    return piece.remembering().with_metadata("namespace", namespace, origin)


def _named(piece: Piece, prefix: str, suffix: str) -> Piece:
    """The place of a name stays where it was written: the resource is better found there."""
    if not prefix and not suffix:
        return piece
    added = replace(
        piece,
        prefixes=(*piece.prefixes, prefix) if prefix else piece.prefixes,
        suffixes=(*piece.suffixes, suffix) if suffix else piece.suffixes,
    )
    name = piece.metadata().get("name")
    if not isinstance(name, str) or _keeps_its_name(piece):
        return added
    return added.remembering().with_metadata("name", f"{prefix}{name}{suffix}")


def _keeps_its_name(piece: Piece) -> bool:
    """Settings are always called default: another name would be an error that no kustomization could avoid."""
    return piece.data.get("kind") == _ONE_A_NAMESPACE and piece.data.get("apiVersion") == API_VERSION


def _marked(
    piece: Piece, name: str, pairs: Mapping[str, str | None], overlaid: Overlaid, written: Path
) -> Piece:
    if not pairs:
        return piece
    held = piece.metadata().get(name)
    if held is not None and not isinstance(held, dict):
        return piece  # an error of its own
    added = {key: value or "" for key, value in pairs.items()}
    origins = (Origin(("metadata", name, key), overlaid.document, (*written, key)) for key in pairs)
    return piece.with_metadata(name, {**(held or {}), **added}, *origins)
