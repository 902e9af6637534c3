"""What happens to some resources, one change after another, from the event log: none is lost and none told twice.

A resource that begins or ceases to match is ADDED or DELETED, as a Kubernetes watch has it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.errors import NotFound
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.records import Event, EventType, Revision


class Log(Protocol):
    """The store's reader."""

    def consistent(self) -> AbstractContextManager[None]: ...

    def head_revision(self) -> Revision | None: ...

    def find_revision(self, number: int) -> Revision | None: ...

    def events(self, revision: int | None = None, *, after: int = 0) -> Sequence[Event]: ...

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """`stored` as the change left it; of what was DELETED as it was last, with the resourceVersion of its end."""

    type: EventType
    stored: StoredResource


class ResourceWatch:
    """Begins where `found` was read: both within one `consistent` of the log."""

    def __init__(
        self, log: Log, found: Iterable[StoredResource], matches: Callable[[StoredResource], bool]
    ) -> None:
        self._log = log
        self._matches = matches
        self._known = {stored.key: stored for stored in found}
        self._at = log.head_revision()

    @property
    def known(self) -> Sequence[StoredResource]:
        """What matches by now."""
        return tuple(self._known.values())

    def read(self) -> list[Seen]:
        """What happened since the last call. Raises NotFound where the log does not tell any more."""
        with self._log.consistent():
            self._require_same_history()
            after = self._at.number if self._at is not None else 0
            seen = [each for event in self._log.events(after=after) for each in self._seen(event)]
            self._at = self._log.head_revision()
        return seen

    def _require_same_history(self) -> None:
        at = self._at
        if at is not None:
            now = self._log.find_revision(at.number)
            if now is None or now.digest != at.digest:
                raise _gone(f"revision {at.number} is another one by now: the store was restored")

    def _seen(self, event: Event) -> list[Seen]:
        before = self._known.get(event.key)
        after = None if event.type == "DELETED" else self._log.get(event.key, at=event.revision)
        if after is None and event.type != "DELETED":
            raise _gone(f"what revision {event.revision} made of {event.key} was removed (history prune)")
        if after is not None and self._matches(after):
            self._known[event.key] = after
            return [Seen("ADDED" if before is None else "MODIFIED", after)]
        if before is None:
            return []
        del self._known[event.key]
        version = event.resource_version
        return [Seen("DELETED", replace(before, resource_version=version, revision=event.revision))]


def _gone(what: str) -> NotFound:
    return NotFound(f"the watch can't go on: {what}", hint="begin again with the same command")
