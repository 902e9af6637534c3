"""The texts of files, for their comments: reading manifests keeps the documents alone."""

import stat
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from reconciler.control.manifest.document import Document
from reconciler.control.manifest.files import STDIN, STDIN_NAME
from reconciler.control.manifest.limits import MAX_FILE_BYTES


def texts_of(
    files: Iterable[str], documents: Iterable[Document], *, stdin: bytes | None = None
) -> dict[str, str]:
    """File → its text. Of what can't be read again, as a pipe, what its documents hold, at their lines."""
    held: dict[str, list[Document]] = {}
    for document in documents:
        held.setdefault(document.file, []).append(document)
    found = {file: _read(file) or _joined(held.get(file, ())) for file in dict.fromkeys([*files, *held])}
    return found if stdin is None else {**found, STDIN_NAME: _decoded(stdin)}


def _read(file: str) -> str | None:
    try:
        path = Path(file)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            return None
        return _decoded(path.read_bytes())
    except (OSError, ValueError):
        return None


def piped(paths: Collection[str], stdin: BinaryIO) -> bytes | None:
    """What stands on stdin, where `paths` name it, up to what a file may hold and one byte more."""
    return stdin.read(MAX_FILE_BYTES + 1) if STDIN in paths else None


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", "surrogateescape")


def _joined(documents: Iterable[Document]) -> str:
    text, line = "", 1
    for document in sorted(documents, key=lambda each: each.line):
        text += "\n" * (document.line - line) + document.text
        line = document.line + document.text.count("\n")
    return text
