"""The files that providers were built from, and which of them are others by now: mounted secrets change under a process.

What a file is, is told by where its path leads and by the numbers of what lies there, so a swapped symlink shows as well
as a file that was written anew. They are noted before a file is read: a change meanwhile is a change since.
"""

import os
from collections.abc import Collection
from typing import TypeAlias

from reconciler.clock import Clock, SystemClock
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.expiry import Expiries, expiry_of

Mark: TypeAlias = tuple[int, ...] | None
"""What tells a file from another one at its place; None: it can't be looked at."""


class ReadFiles:
    """By provider, with the files of the build that it goes on with where it was refused."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._marks: dict[ResourceKey, dict[str, Mark]] = {}
        self._clock = clock or SystemClock()
        self._expiries = Expiries()

    def begin(self, provider: ResourceKey) -> None:
        """It is built anew: what was read for it before counts no more."""
        self._marks.pop(provider, None)

    def note(self, provider: ResourceKey, path: str) -> None:
        """`path` is about to be read for it; also one that is not there may come."""
        self._marks.setdefault(provider, {}).setdefault(path, mark_of(path))

    def lasts(self, provider: ResourceKey, config: JsonObject) -> None:
        """Raises Expired where its credentials have ended; `changed` tells when they do."""
        self._expiries.check(provider, expiry_of(config), self._clock.now())

    def changed(self) -> Collection[ResourceKey]:
        """The providers some file of which is another than when it was read, and those whose credentials have ended since, each
        told once: it is to be built anew.

        Asks the system for each file once.
        """
        marks = {path: mark_of(path) for path in {path for files in self._marks.values() for path in files}}
        found = [
            provider
            for provider, files in self._marks.items()
            if any(marks[path] != mark for path, mark in files.items())
        ]
        for provider in found:
            del self._marks[provider]
        return [*found, *self._expiries.due(self._clock.now())]


def mark_of(path: str) -> Mark:
    try:
        status = os.stat(path)  # noqa: PTH116  a path as a manifest writes it may be one that pathlib does not take
    except (OSError, ValueError):
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
        status.st_mode,
    )
