"""Reads a small regular file whole, without waiting for a pipe; and what holds for files of keys."""

import os
import stat
from pathlib import Path

from reconciler.errors import SecretError

_ROOT = 0
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


def check_private(status: os.stat_result, path: str | Path) -> None:
    """Raises SecretError for a file of a key that this user or root does not own and keep to itself.

    Who owns a file decides what stands in it.
    """
    if status.st_uid not in (os.geteuid(), _ROOT):
        raise SecretError(
            f"the key file {path} belongs to another user",
            hint=f"let it be yours: chown {os.geteuid()} {path}",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretError(f"the key file {path} is open to other users", hint=f"chmod 600 {path}")
