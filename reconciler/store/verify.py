"""Recomputing what the record says of itself: does every row still hold what its revision's digest signed?

Whoever can write the file can rewrite a whole chain. Only a head digest kept elsewhere proves against that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey
from reconciler.store import codec
from reconciler.store.reader import Reader
from reconciler.store.records import Event, Revision, VersionRecord


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is not what was committed. `key` is None where it is the revision itself."""

    revision: int
    key: ResourceKey | None
    message: str

    def __str__(self) -> str:
        where = f"revision {self.revision}" if self.key is None else f"revision {self.revision}, {self.key}"
        return f"{where}: {self.message}"


def verify(reader: Reader, *, head: str | None = None) -> list[Problem]:
    """All problems, in the order of the history. `head` is the digest that the newest revision should have.

    Reads everything. Raises StoreError when the store can't be read at all.
    """
    with reader.consistent():
        revisions = [*reversed(reader.revisions())]
        events = reader.events()
        versions = {version.resource_version: version for version in reader.versions()}
    problems = [*_chain(revisions, events), *_contents(events, versions)]
    problems.sort(key=lambda problem: problem.revision)
    newest = revisions[-1].digest if revisions else ""
    if head is not None and newest != head:
        problems.append(
            Problem(revisions[-1].number if revisions else 0, None, f"the digest of the head is not {head}")
        )
    return problems


def _chain(revisions: Sequence[Revision], events: Sequence[Event]) -> Iterator[Problem]:
    """Each revision is checked against the digest that its parent has now, so that one forged row is one problem."""
    changes: dict[int, list[Event]] = {revision.number: [] for revision in revisions}
    for event in events:
        if event.revision in changes:
            changes[event.revision].append(event)
        else:
            yield Problem(event.revision, event.key, "an event names a revision that does not exist")
    parent: Revision | None = None
    for revision in revisions:
        before = parent.number if parent else 0
        if (revision.number, revision.parent) != (before + 1, before):
            yield Problem(revision.number, None, f"it does not follow revision {before}")
        own = changes[revision.number]
        if not own:
            yield Problem(revision.number, None, "it has no events")
        elif own[-1].resource_version - own[0].resource_version != len(own) - 1:
            yield Problem(revision.number, None, "the resourceVersions of its events have a gap")
        if codec.revision_digest(revision, parent.digest if parent else None, own) != revision.digest:
            yield Problem(revision.number, None, "it is not what its digest signed")
        parent = revision


def _contents(events: Sequence[Event], versions: Mapping[int, VersionRecord]) -> Iterator[Problem]:
    """Follows each resource through its events; every version must be what its event says, and valid as long."""
    unexplained = dict(versions)
    latest: dict[ResourceKey, Event] = {}
    until: dict[int, int] = {}
    for event in events:
        previous = latest.get(event.key)
        if event.digest_before != (previous.digest_after if previous else None):
            yield Problem(event.revision, event.key, "its event does not follow the one before")
        if previous is not None:
            until[previous.resource_version] = event.revision
        latest[event.key] = event
    for event in events:
        version = unexplained.pop(event.resource_version, None) if event.digest_after else None
        message = (
            _difference(event, version, until.get(event.resource_version)) if event.digest_after else None
        )
        if message is not None:
            yield Problem(event.revision, event.key, message)
    for version in unexplained.values():
        yield Problem(version.valid_from, version.key, "no event made this version")


def _difference(event: Event, version: VersionRecord | None, valid_to: int | None) -> str | None:
    if version is None:
        return "its version is missing"
    if version.key != event.key:
        return f"its version is filed under {version.key}"
    if (version.valid_from, version.valid_to) != (event.revision, valid_to):
        return "its version is valid for other revisions than its events say"
    try:
        content = codec.digest(codec.decode(version.key, version.body))
    except RouterctlError as error:
        return error.message
    if content != event.digest_after or version.digest != event.digest_after:
        return "its content is not what was committed"
    return None
