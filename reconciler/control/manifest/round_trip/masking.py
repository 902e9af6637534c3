"""A text of manifests as people may see it: what stands in plain text in a secret field is hidden, by its place."""

from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.reader import pieces, read_text
from reconciler.control.manifest.round_trip.loader import UnreadableError, load
from reconciler.control.manifest.round_trip.nodes import Alias, Node, Scalar, at_path
from reconciler.control.manifest.round_trip.text import key_of
from reconciler.control.seal import literal_of
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import secret_places

HIDDEN = "(hidden)"
_UNREADABLE = "# (a document that can't be shown without its secrets)\n"


def masked(text: str) -> str:
    """`text` with every plain secret hidden. Two secrets look alike, so a change of one does not show."""
    return "".join(_masked(piece.decode()) for piece in pieces(text.removeprefix("\ufeff").encode()))


def _masked(piece: str) -> str:
    documents = read_text(piece, "").documents
    data = without_nulls(documents[0].data) if documents else {}
    key = key_of(data)
    if key is None:
        return piece
    spans = []
    try:
        root = load(piece)
    except UnreadableError:
        root = None
    for path in secret_places(structure_of_kind(key.kind), data):
        if literal_of(value_at(data, path)) is None:
            continue
        span = _span(root, path, value_at(data, path))
        if span is None:
            return _UNREADABLE
        spans.append(span)
    for start, end in sorted(set(spans), reverse=True):
        piece = piece[:start] + HIDDEN + piece[end:]
    return piece


def _span(root: Node | None, path: tuple[str, ...], written: JsonValue) -> tuple[int, int] | None:
    where = (*path, "value") if isinstance(written, dict) else path
    node = at_path(root, where) if root is not None else None
    while isinstance(node, Alias):
        node = node.target
    return (node.content, node.end) if isinstance(node, Scalar) else None
