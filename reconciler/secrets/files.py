"""Reads a small regular file whole, without waiting for a pipe."""

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class NotRegularError(OSError):
    """A folder, pipe, socket or device."""


def read_regular(path: str | Path, *, limit: int, follow: bool) -> tuple[os.stat_result, bytes]:
    """What the system tells of the file, and its content, at most one byte over `limit`.

    follow: whether the last part of the path may be a symlink. Raises OSError, and ValueError for a path with NUL.
    """
    descriptor = os.open(path, _FLAGS if follow else _FLAGS | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegularError
        content = b""
        while len(content) <= limit and (chunk := os.read(descriptor, limit + 1 - len(content))):
            content += chunk
    finally:
        os.close(descriptor)
    return status, content
