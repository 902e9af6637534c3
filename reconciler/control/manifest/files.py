"""Paths to bytes. The only part of reading manifests that touches the file system; nothing found there raises.

A folder stands for all manifests below it. What it may lead to is bounded: no symlink out of it, no device or pipe, and
limits on count and size. A path that somebody names is followed wherever it leads: the choice is theirs. It may be a
pipe, as a shell makes it for <(command), or a device such as /dev/stdin: it is read to its end, or to the limit.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from reconciler.control.manifest.document import Location, Problem
from reconciler.control.manifest.limits import MAX_ENTRIES, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES

STDIN = "-"
STDIN_NAME = "stdin"
"""Its name in messages."""
SUFFIXES = (".yaml", ".yml", ".json")
NOT_MANIFESTS = frozenset({"routerctl.yaml", "kustomization.yaml", "kustomization.yml"})
"""Settings of programs, ours among them; skipped in folders."""

_READ_ATTEMPTS = 3
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
_STREAM_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY
_STREAM_CHUNK = 1024 * 1024


class Source(NamedTuple):
    """A file that was read, by the name it has in messages: the path as given, and what is below it."""

    name: str
    content: bytes


class _Entry(NamedTuple):
    """path: as it is shown. real: the real path, or for a symlink inside a folder the place where it stands."""

    path: str
    real: str
    is_link: bool


class _UnusableError(Exception):
    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class _TooMuchError(_UnusableError):
    """Ends the reading: the rest of the paths would only add to it."""


@dataclass(slots=True)
class _Budget:
    """What one reading has used, and the files it has seen: each is read once, whatever names lead to it."""

    entries: int = 0
    files: int = 0
    total: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set)

    def is_new(self, status: os.stat_result) -> bool:
        identity = (status.st_dev, status.st_ino)
        known = identity in self.seen
        self.seen.add(identity)
        return not known

    def count_entry(self) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise _TooMuchError(f"more than {MAX_ENTRIES} entries in the folders", "name a smaller folder")

    def count_file(self, size: int) -> None:
        self.files += 1
        self.total += size
        if self.files > MAX_FILES:
            raise _TooMuchError(f"more than {MAX_FILES} manifest files", "name a smaller folder")
        if self.total > MAX_TOTAL_BYTES:
            raise _TooMuchError(
                f"the files add up to more than {MAX_TOTAL_BYTES // 1024 // 1024} MiB",
                "name a smaller folder",
            )


def is_stream(path: str) -> bool:
    """Whether a path that was given is stdin, a pipe or a character device: it can be read once, and has no folder."""
    return path == STDIN or _stream_status(path) is not None


def read(paths: Sequence[str], stdin: BinaryIO | None) -> Iterator[Source | Problem]:
    """Each file once, in the order of the paths, those of a folder sorted by name."""
    budget = _Budget()
    for path in dict.fromkeys(paths):
        try:
            yield from _read_stdin(stdin) if path == STDIN else _read_given(path, budget)
        except _TooMuchError as exc:
            yield _problem(path, exc)
            return
        except _UnusableError as exc:
            yield _problem(path, exc)


def read_file(path: str) -> Source | Problem:
    """One file, wherever the path leads. What is no file is a problem: a pipe would be waited for."""
    try:
        real = _real(path)
        return Source(path, _read_file(real, os.stat(real)))  # noqa: PTH116  as below
    except _UnusableError as exc:
        return _problem(path, exc)
    except OSError as exc:
        return _problem(path, _unreadable(exc))


def _problem(name: str, exc: _UnusableError) -> Problem:
    return Problem(Location(name, 0, 0), exc.message, hint=exc.hint)


def _read_stdin(stdin: BinaryIO | None) -> Iterator[Source]:
    if stdin is None:
        raise _UnusableError("there is no standard input")
    try:
        content = stdin.read(MAX_FILE_BYTES + 1)  # one byte more: the reader sees that it is too large
    except (OSError, ValueError):
        raise _UnusableError("standard input can't be read") from None
    yield Source(STDIN_NAME, content)


def _read_given(path: str, budget: _Budget) -> Iterator[Source | Problem]:
    status = _stream_status(path)
    if status is None:
        yield from _read_path(path, budget)
    elif budget.is_new(status):
        content = _read_stream(path)
        budget.count_file(len(content))
        yield Source(path, content)


def _stream_status(path: str) -> os.stat_result | None:
    try:
        status = os.stat(path)  # noqa: PTH116  as below
    except (OSError, ValueError):
        return None
    return status if stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode) else None


def _read_stream(path: str) -> bytes:
    """Waits for who writes. Reads no more than tells that it is too large."""
    content = bytearray()
    try:
        descriptor = os.open(path, _STREAM_FLAGS)
        try:
            while chunk := os.read(descriptor, min(MAX_FILE_BYTES + 1 - len(content), _STREAM_CHUNK)):
                content += chunk
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise _unreadable(exc) from None
    if len(content) > MAX_FILE_BYTES:
        raise _too_large()
    return bytes(content)


def _read_path(path: str, budget: _Budget) -> Iterator[Source | Problem]:
    """Entries of one folder in the order of their names, depth first, without recursion."""
    given = _Entry(path, _real(path), is_link=False)
    pending = [given]
    while pending:
        entry = pending.pop()
        try:
            found = _visit(entry, given.real, budget)
        except _TooMuchError:
            raise
        except _UnusableError as exc:
            yield _problem(entry.path, exc)
            continue
        if isinstance(found, Source):
            yield found
        else:
            pending += reversed(found)


def _visit(entry: _Entry, root: str, budget: _Budget) -> Source | list[_Entry]:
    """The file that `entry` is, or the entries of the folder that it is."""
    real = entry.real
    if entry.is_link:
        real = _real(real)
        if os.path.commonpath((real, root)) != root:
            raise _UnusableError(
                "leads out of the folder that was given", "name its target as well, or copy it"
            )
    try:
        status = os.stat(real)  # noqa: PTH116  pathlib would cost as much again, per file of a large tree
    except OSError as exc:
        raise _unreadable(exc) from None
    if not budget.is_new(status):
        return []
    if stat.S_ISDIR(status.st_mode):
        return _entries(entry.path, real, budget)
    content = _read_file(real, status)
    budget.count_file(len(content))
    return Source(entry.path, content)


def _entries(path: str, real: str, budget: _Budget) -> list[_Entry]:
    """The manifests and folders of a folder, sorted by name. Symlinks to anything may be among them."""
    found = []
    try:
        with os.scandir(real) as entries:
            for entry in entries:
                budget.count_entry()
                if not entry.name.startswith(".") and (_is_manifest(entry.name) or entry.is_dir()):
                    shown = os.path.join(path, entry.name)  # noqa: PTH118  pathlib drops the "./" that was given
                    found.append(_Entry(shown, entry.path, entry.is_symlink()))
    except OSError as exc:
        raise _unreadable(exc) from None
    return sorted(found)


def _is_manifest(name: str) -> bool:
    return name.endswith(SUFFIXES) and name not in NOT_MANIFESTS


def _real(path: str) -> str:
    try:
        return os.path.realpath(path, strict=True)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        raise _unreadable(exc) from None


def _read_file(real: str, status: os.stat_result) -> bytes:
    """The content, in one piece: read again when the file changed under the reading."""
    if not stat.S_ISREG(status.st_mode):
        raise _not_a_file()
    if status.st_size > MAX_FILE_BYTES:
        raise _too_large()
    try:
        for _ in range(_READ_ATTEMPTS):
            content = _read_once(real)
            if content is not None:
                return content
    except OSError as exc:
        raise _unreadable(exc) from None
    raise _UnusableError("changed while it was read", "try again")


def _read_once(real: str) -> bytes | None:
    """None: the file changed meanwhile."""
    # the flags hold against a file that is exchanged for a pipe or a symlink after it was looked at
    descriptor = os.open(real, _OPEN_FLAGS)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise _not_a_file()
        content = bytearray()
        while chunk := os.read(descriptor, min(MAX_FILE_BYTES + 1 - len(content), before.st_size + 1)):
            content += chunk
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if len(content) > MAX_FILE_BYTES:
        raise _too_large()
    same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    return bytes(content) if same and len(content) == after.st_size else None


def _not_a_file() -> _UnusableError:
    return _UnusableError("is a pipe, socket or device, not a file", "pipe the text into `-f -`")


def _too_large() -> _UnusableError:
    return _UnusableError(f"larger than {MAX_FILE_BYTES // 1024 // 1024} MiB", "split it into several files")


def _unreadable(exc: OSError | ValueError) -> _UnusableError:
    if isinstance(exc, FileNotFoundError):
        return _UnusableError("no such file or folder")
    if isinstance(exc, PermissionError):
        return _UnusableError("no permission to read it")
    reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "not a usable path"
    return _UnusableError(f"can't be read: {reason.lower()}")
