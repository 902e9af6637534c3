"""A plan's file, and the digests of the files that it was made from."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from reconciler.control.manifest.files import STDIN, STDIN_NAME, is_stream
from reconciler.control.plan.artefact import Artefact, InputFile, read, write
from reconciler.control.proposal import Wanted
from reconciler.errors import InvalidInput, StoreError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def digests(wanted: Wanted) -> tuple[InputFile, ...]:
    """Of the files that were read, by their path in the source. What can be read once is not among them.

    Raises InvalidInput where a file is not any more what was read of it.
    """
    return tuple(sorted(_digests(wanted), key=lambda each: each.path))


def _digests(wanted: Wanted) -> Iterator[InputFile]:
    texts: dict[str, list[str]] = {}
    for declared in wanted.declared.values():
        if declared.document.overlay is None:
            texts.setdefault(declared.document.file, []).append(declared.document.text)
    for file in wanted.files:
        if file == STDIN_NAME or is_stream(file):
            continue
        try:
            content = Path(file).read_bytes()
        except OSError:
            content = b""
        if any(text.encode() not in content for text in texts.get(file, [])):
            raise InvalidInput(f"{file} was changed while it was read", hint="plan again")
        path = wanted.source.relative(file) if wanted.source is not None else file
        yield InputFile(path, hashlib.sha256(content).hexdigest())


def save(artefact: Artefact, file: str) -> None:
    """Whole or not at all, for its owner alone: what it describes may be nobody else's business. Raises StoreError."""
    path = Path(file)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.exists() and not path.is_file():  # a device or a pipe
            path.write_text(write(artefact), encoding="utf-8")
            return
        with suppress(FileNotFoundError):
            unfinished.unlink()  # of a process that had our number and died
        with os.fdopen(os.open(unfinished, _FLAGS, 0o600), "w", encoding="utf-8") as stream:
            stream.write(write(artefact))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        reason = (error.strerror or "it failed").lower()
        raise StoreError(
            f"the plan can't be written to {file}: {reason}", hint="name another file with --out"
        ) from None


def load(file: str, stdin: BinaryIO) -> Artefact:
    """`-` is stdin. Raises InvalidInput."""
    try:
        content = stdin.read() if file == STDIN else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it is no file").lower()
        raise InvalidInput(
            f"the plan can't be read from {file}: {reason}",
            hint="make one with",
            command="plan -f DIR --out FILE",
        ) from None
    return read(content, STDIN_NAME if file == STDIN else file)
