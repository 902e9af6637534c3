"""Text to Documents. Every fault becomes a Problem with its place; content never raises.

A file is split at its `---` lines before anything is parsed: such a line ends a document wherever it stands, also inside
a quoted or block text, so a broken document never hides the next one, and the limits hold for each document alone.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from reconciler.control.manifest import files
from reconciler.control.manifest.constructor import Construction, Fault, UnusableDocumentError, construct
from reconciler.control.manifest.document import (
    Document,
    InvalidManifests,
    Location,
    Problem,
    Reading,
    field_path,
)
from reconciler.control.manifest.events import ACCELERATED, Events, YamlSyntaxError, events
from reconciler.control.manifest.limits import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENTS,
    MAX_FILE_BYTES,
    MAX_FILE_PROBLEMS,
)
from reconciler.control.manifest.locator import locate
from reconciler.control.manifest.memory import Memory, Remembered
from reconciler.control.manifest.syntax import explain
from reconciler.json_types import JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

__all__ = ["ACCELERATED", "pieces", "read_mapping", "read_paths", "read_text"]

_DASHES = re.compile(rb"---(?=[ \t\r\n]|\Z)")
_PRINTABLE_ASCII = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F)])
_ASCII_TEXT = _PRINTABLE_ASCII + bytes(range(0x80, 0x100))
# Control characters, and what some programs take for a line break and others do not (NEL, LS, PS)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n|\r|\n")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(slots=True)
class _Reader:
    """What one reading has found so far."""

    source: Events
    namespace: str
    lists: bool = False
    memory: Memory | None = None
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def remembered(self, content: bytes, name: str) -> None:
        """As `file`, but for what is known already."""
        known = self.memory.recall(content) if self.memory is not None else None
        if known is None:
            self.file(content, name)
            return
        data = dict(known)
        for position, (line, piece) in enumerate(_numbered(content.removeprefix(codecs.BOM_UTF8), 1)):
            if position in data:
                self.documents.append(Document(data[position], name, piece.decode(), line, sound=True))

    def file(self, content: bytes, name: str, line: int = 1) -> None:
        before = len(self.problems)
        found: Remembered = []
        problem = _unusable(content, name)
        if problem is not None:
            self.problems.append(problem)
            return
        for position, (start, piece) in enumerate(_numbered(content.removeprefix(codecs.BOM_UTF8), line)):
            if len(self.problems) - before >= MAX_FILE_PROBLEMS:
                place = Location(name, start, 1)
                self.problems.append(Problem(place, "too many errors; the rest of the file was not read"))
                return
            known = len(self.documents)
            self.document(piece, name, start)
            found += [(position, document.data) for document in self.documents[known:]]
        if self.memory is not None:
            self.memory.offer(name, content, found)

    def document(self, piece: bytes, name: str, line: int) -> None:
        if not piece[3:].strip() and piece[:3] == b"---":
            return
        if len(piece) > MAX_DOCUMENT_BYTES:
            message = f"the document is larger than {MAX_DOCUMENT_BYTES // 1024} KiB"
            self.problems.append(Problem(Location(name, line, 1), message, hint="split it"))
            return
        try:
            text = piece.decode()
        except UnicodeDecodeError as exc:
            place = _place(piece[: exc.start].decode(), name, line)
            self.problems.append(Problem(place, "this is not UTF-8", hint="save the file as UTF-8"))
            return
        if not text.isascii() or piece.translate(None, _PRINTABLE_ASCII):
            forbidden = _FORBIDDEN.search(text)
            if forbidden is not None:
                self.problems.append(_forbidden(text, forbidden.start(), name, line))
                return
        self._construct(text, name, line)

    def _construct(self, text: str, name: str, line: int) -> None:
        construction = Construction()
        faults = construction.faults
        complete = self._read(text, construction)
        data = construction.root[0] if construction.root else None
        if complete and type(data) is dict:
            self.documents.append(Document(data, name, text, line, bool(faults)))
        elif complete and self.lists and type(data) is list:
            self.documents.append(Document({}, name, text, line, bool(faults), data))
        elif data is not None and not faults:
            at, column = locate(text, (), source=self.source)
            message = "a document is a mapping with apiVersion, kind, metadata and spec"
            faults.append(Fault(at, column, (), message, "write `key: value` lines"))
        if faults:
            key = _identity(data, self.namespace)
            self.problems += [self._problem(fault, key, text, name, line) for fault in faults]

    def _read(self, text: str, construction: Construction) -> bool:
        """Whether the document could be read to its end; if not, its last fault says why."""
        try:
            construct(self.source(text), construction)
        except UnusableDocumentError:
            return False
        except YamlSyntaxError as exc:
            at, column, message, hint = explain(exc, text)
            construction.faults.append(Fault(at, column, (), message, hint))
            return False
        construction.settle()
        return True

    def _problem(self, fault: Fault, key: ResourceKey | None, text: str, name: str, line: int) -> Problem:
        place = Location(name, line + fault.line - 1, fault.column)
        message = fault.message
        if fault.repeats:
            first, column = locate(text, fault.path, source=self.source)
            message = f"{message}, first at {Location(name, line + first - 1, column)}"
        return Problem(place, message, key, field_path(fault.path) or None, fault.hint)


def read_text(
    content: str | bytes, file: str, *, line: int = 1, lists: bool = False, source: Events = events
) -> Reading:
    """The documents of one text, which begins at `line` of `file`. `lists`: their roots may be lists as well."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")  # lone surrogates are then found as what they are
    reader = _Reader(source, DEFAULT_NAMESPACE, lists)
    reader.file(content, file, line)
    return Reading(tuple(reader.documents), tuple(reader.problems), (file,))


def read_paths(
    paths: Sequence[str],
    stdin: BinaryIO | None,
    *,
    namespace: str = DEFAULT_NAMESPACE,
    memory: Memory | None = None,
    count: Callable[[int], None] = lambda _: None,
) -> Reading:
    """The documents of all files, folders and `-` (stdin). Never raises on what it finds there.

    `namespace` is where those belong that name none, for messages. `count` is called after each file with how many were read.
    """
    reader = _Reader(events, namespace, memory=memory)
    names: list[str] = []
    for found in files.read(paths, stdin):
        if isinstance(found, Problem):
            reader.problems.append(found)
            names += [found.location.file] if found.location is not None else []
        else:
            names.append(found.name)
            reader.remembered(found.content, found.name)
            count(len(names))
    return Reading(tuple(reader.documents), tuple(reader.problems), tuple(names))


def read_mapping(path: Path) -> Document | None:
    """A file that is no manifest: one document, or nothing. Raises InvalidManifests with every problem."""
    reading = read_paths([str(path)], None)
    problems = list(reading.problems)
    if len(reading.documents) > 1:
        problems.append(Problem(reading.documents[1].locate(()), "a second document begins here"))
    if problems:
        raise InvalidManifests(problems)
    return reading.documents[0] if reading.documents else None


def _unusable(content: bytes, name: str) -> Problem | None:
    """Why no document of the file can be read, if so."""
    whole = Location(name, 0, 0)
    if len(content) > MAX_FILE_BYTES:
        return Problem(
            whole, f"larger than {MAX_FILE_BYTES // 1024 // 1024} MiB", hint="split it into several files"
        )
    if content.startswith(_UTF_16) or b"\0" in content[:2]:
        return Problem(whole, "this is UTF-16 or UTF-32", hint="save the file as UTF-8")
    if sum(1 for _ in islice(_separators(content), MAX_DOCUMENTS + 1)) > MAX_DOCUMENTS:
        return Problem(whole, f"more than {MAX_DOCUMENTS} documents", hint="split it into several files")
    return None


def _separators(content: bytes) -> Iterator[int]:
    """Where the lines `---` begin."""
    for dashes in _DASHES.finditer(content):
        start = dashes.start()
        # a look-behind in the expression would keep it from searching for the dashes themselves: ten times slower
        if start == 0 or content[start - 1] in b"\r\n":
            yield start


def pieces(content: bytes) -> Iterator[bytes]:
    """The text of each document, with its `---` line. Together they are the whole content."""
    start = 0
    for separator in _separators(content):
        if separator > start:
            yield content[start:separator]
        start = separator
    if start < len(content):
        yield content[start:]


def _numbered(content: bytes, line: int) -> Iterator[tuple[int, bytes]]:
    """The pieces, each with the line on which it begins."""
    has_carriage_returns = b"\r" in content
    for piece in pieces(content):
        yield line, piece
        line += piece.count(b"\n")
        if has_carriage_returns:
            line += piece.count(b"\r") - piece.count(b"\r\n")


def _place(before: str, name: str, line: int) -> Location:
    """The place behind `before`, which begins at the beginning of `line`."""
    breaks = list(_LINE_BREAK.finditer(before))
    column = len(before) - (breaks[-1].end() if breaks else 0) + 1
    return Location(name, line + len(breaks), column)


def _forbidden(text: str, index: int, name: str, line: int) -> Problem:
    code = ord(text[index])
    place = _place(text[:index], name, line)
    return Problem(place, f"the character U+{code:04X} can't stand in a manifest", hint="delete it")


def _identity(data: JsonValue, outer: str) -> ResourceKey | None:
    """The key of a document that is read in part, as far as it tells."""
    if not isinstance(data, dict):
        return None
    kind, metadata = data.get("kind"), data.get("metadata")
    if not isinstance(kind, str) or not isinstance(metadata, dict):
        return None
    namespace, name = metadata.get("namespace", outer), metadata.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return None
    return ResourceKey(kind, namespace, name)
