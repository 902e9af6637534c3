"""A file without a name: for libraries that read what is secret from files alone. On Linux it never touches a disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO


@contextmanager
def nameless(content: bytes) -> Iterator[str]:
    """A path under which this process, and nobody else, reads `content`."""
    with _unnamed_file() as file:
        file.write(content)
        file.flush()
        file.seek(0)
        yield f"/dev/fd/{file.fileno()}"


def _unnamed_file() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("tls", os.MFD_CLOEXEC), "w+b")
    return TemporaryFile("w+b")
