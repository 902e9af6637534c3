"""The documents of one text: changed, cut out or added, and all else left as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.control.manifest.document import Document, InvalidManifests, Location, Problem, without_nulls
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import pieces, read_text
from reconciler.control.manifest.round_trip.layout import eol_of
from reconciler.control.manifest.round_trip.loader import UnreadableError, load
from reconciler.control.manifest.round_trip.patch import patched
from reconciler.control.manifest.round_trip.sameness import same
from reconciler.json_types import JsonObject
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.resources.scheme import structure_of_kind

Documents = Mapping[ResourceKey, JsonObject | None]
"""What each document should declare; None for one that should go."""

_BOM = "\ufeff"
_BARE_MARKER = re.compile(r"---[ \t]*(?:\r\n|\r|\n)")
_HEADER = re.compile(r"(?:[ \t]*#[^\r\n]*(?:\r\n|\r|\n))+(?:[ \t]*(?:\r\n|\r|\n))+")
"""Comments that an empty line parts from what follows: they are on the file, not on its first document."""
_HINT = "write the change by hand; or delete the document, and it is written to a file of its own"


def patched_text(
    text: str, documents: Documents, *, namespace: str = DEFAULT_NAMESPACE, file: str = "the text"
) -> str:
    """`text` with what `documents` want: only what differs by value is written anew. Documents that are not named stay
    as they are; a key that the text does not hold is added at its end.

    namespace: where a document belongs that names none. Raises InvalidManifests, with the place in `file`, where a
    document that has to change can't be changed in place.
    """
    bom, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    found = list(_pieces(body, file, namespace))
    after = _joined([piece.changed(documents) for piece in found], body)
    known = {piece.key for piece in found}
    new = [value for key, value in documents.items() if key not in known and value is not None]
    after = _with_new(after, new)
    _check(after, found, documents, file, namespace)
    return bom + after


def key_of(data: JsonObject, namespace: str = DEFAULT_NAMESPACE) -> ResourceKey | None:
    """The resource that a document declares; None where it does not say."""
    kind, metadata = data.get("kind"), data.get("metadata")
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(metadata, dict):
        return None
    name, own = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str):
        return None
    return ResourceKey(kind, own if isinstance(own, str) else namespace, name)


def unreadable(document: Document) -> Problem | None:
    """Why the document could not be changed in place, if so: the round-trip loader is stricter than our reader."""
    try:
        load(document.text)
    except UnreadableError as exc:
        return _unreadable(exc, document.file, document.line)
    return None


@dataclass(frozen=True, slots=True)
class _Piece:
    """The text of one document with its `---` line; `document` is None where it holds none that can be read."""

    text: str
    file: str
    line: int
    document: Document | None
    key: ResourceKey | None

    def changed(self, documents: Documents) -> str | None:
        """The text as it should be; None where the document goes."""
        if self.document is None or self.key is None or self.key not in documents:
            return self.text
        wanted = documents[self.key]
        if wanted is None:
            return None
        structure = structure_of_kind(self.key.kind)
        if same(structure, self.document.data, wanted):
            return self.text
        try:
            return patched(self.text, wanted, structure)
        except UnreadableError as exc:
            raise InvalidManifests([_unreadable(exc, self.file, self.line, self.key)]) from None


def _pieces(text: str, file: str, namespace: str) -> Iterator[_Piece]:
    line = 1
    for piece in pieces(text.encode()):
        written = piece.decode()
        documents = read_text(piece, file).documents
        document = documents[0] if documents and not documents[0].faulty else None
        key = key_of(without_nulls(document.data), namespace) if document is not None else None
        yield _Piece(written, file, line, document, key)
        line += len(re.findall("\r\n|\r|\n", written))


def _joined(changed: list[str | None], before: str) -> str:
    """The pieces that stay. What a first document leaves behind begins as the text began."""
    parts = [piece for piece in changed if piece is not None]
    if changed and changed[0] is None and not before.startswith("---"):
        header = _HEADER.match(before)
        bare = _BARE_MARKER.match(parts[0]) if parts else None
        if bare is not None:
            parts[0] = parts[0][bare.end() :]
        parts.insert(0, header[0] if header else "")
    text = "".join(parts)
    if changed and changed[-1] is None and not before.endswith(("\n", "\r")):
        text = text.removesuffix("\n").removesuffix("\r")
    return text


def _with_new(text: str, new: list[JsonObject]) -> str:
    eol = eol_of(text)
    for document in new:
        if text and not text.endswith(("\n", "\r")):
            text += eol
        marker = f"---{eol}" if text.strip() else ""
        text += marker + to_yaml([document]).replace("\n", eol)
    return text


def _check(after: str, before: list[_Piece], documents: Documents, file: str, namespace: str) -> None:
    """Reads what was made: it must declare what was wanted and, beside it, what it declared before."""
    expected: dict[ResourceKey, JsonObject] = {
        piece.key: piece.document.data for piece in before if piece.key is not None and piece.document
    }
    for key, wanted in documents.items():
        if wanted is None:
            expected.pop(key, None)
        else:
            expected[key] = wanted
    made = {piece.key: piece.document for piece in _pieces(after, file, namespace) if piece.document}
    places = {piece.key: piece for piece in before}
    problems = []
    for key, data in expected.items():
        document = made.get(key)
        if document is None or not same(structure_of_kind(key.kind), document.data, data):
            place = Location(file, places[key].line if key in places else 1, 1)
            problems.append(Problem(place, "this document can't be changed in place", key, hint=_HINT))
    if problems:
        raise InvalidManifests(problems)


def _unreadable(exc: UnreadableError, file: str, line: int, key: ResourceKey | None = None) -> Problem:
    place = Location(file, line + exc.line - 1, exc.column)
    return Problem(place, f"this document can't be changed in place: {exc.message}", key, hint=exc.hint)
