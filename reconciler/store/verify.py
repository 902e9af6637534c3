"""Recomputing what the record says of itself: does every row still hold what its revision's digest signed?

Rows that no digest signs (see `checksums`) are compared with their own checksums. Whoever can write the file can rewrite
a whole chain, and every checksum. Only a head digest kept elsewhere proves against that, and for contents alone.

Compaction removes old versions, never events: so all that a revision says of itself and of what it changed is proved
for ever, and contents from the revision on that `Reader.compacted` names.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey
from reconciler.store import audit, codec
from reconciler.store.checksums import UNSIGNED, row_checksum
from reconciler.store.reader import Reader
from reconciler.store.records import Event, Problem, Revision, UnsignedRow, VersionRecord

_COUNTED = (
    ("holds", "hold", "holds"),
    ("ownership", "ownership", "earlier owners"),
    ("tokens", "token", "tokens"),
)
"""Fact of the store, the table whose rows it counts, and what those are."""


def verify(reader: Reader, *, head: str | None = None) -> list[Problem]:
    """All problems, in the order of the history. `head` is the digest that the newest revision, or the last row of the
    audit, should have.

    Reads everything. Raises StoreError when the store can't be read at all.
    """
    with reader.consistent():
        mistyped = reader.mistyped()
        if mistyped:  # nothing can be computed from them
            return [Problem(0, None, f"a value is of the wrong type: {place}") for place in mistyped]
        revisions = [*reversed(reader.revisions())]
        events = reader.events()
        versions = {version.resource_version: version for version in reader.versions()}
        unsigned = {table: reader.unsigned(table) for table in UNSIGNED}
        deeds = audit.rows(reader)
    facts = {str(row.values["key"]): str(row.values["value"]) for row in unsigned["meta"]}
    problems = [
        *_chain(revisions, events),
        *_contents(events, versions, _number(facts, "compacted")),
        *_unsigned(unsigned, versions),
        *_facts(facts, revisions, events, {table: len(rows) for table, rows in unsigned.items()}),
        *_audit(deeds, revisions, facts),
    ]
    problems.sort(key=lambda problem: (not problem.revision, problem.revision))
    newest = revisions[-1].digest if revisions else ""
    if head is not None and head not in {newest, deeds[-1].digest if deeds else newest}:
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
    for one, other in pairwise(events):
        if other.revision < one.revision:
            yield Problem(other.revision, other.key, "its event stands behind those of a later revision")


def _contents(
    events: Sequence[Event], versions: Mapping[int, VersionRecord], compacted: int
) -> Iterator[Problem]:
    """Follows each resource through its events; every version must be what its event says, and valid as long."""
    unexplained = dict(versions)
    latest: dict[ResourceKey, Event] = {}
    until: dict[int, int] = {}
    for event in events:
        previous = latest.get(event.key)
        if event.digest_before != (previous.digest_after if previous else None):
            yield Problem(event.revision, event.key, "its event does not follow the one before")
        if event.type != _type(event):
            yield Problem(
                event.revision, event.key, f"its event is called {event.type}, and is {_type(event)}"
            )
        if previous is not None:
            until[previous.resource_version] = event.revision
        latest[event.key] = event
    for event in events:
        if event.digest_after is None:
            continue
        version = unexplained.pop(event.resource_version, None)
        message = _difference(event, version, until.get(event.resource_version), compacted)
        if message is not None:
            yield Problem(event.revision, event.key, message)
    for version in unexplained.values():
        yield Problem(version.valid_from, version.key, "no event made this version")


def _type(event: Event) -> str:
    if event.digest_before is None:
        return "ADDED"
    return "DELETED" if event.digest_after is None else "MODIFIED"


def _difference(
    event: Event, version: VersionRecord | None, valid_to: int | None, compacted: int
) -> str | None:
    removed = valid_to is not None and valid_to <= compacted
    if version is None:
        return None if removed else "its version is missing"
    if removed:
        return f"its version is there, and the history says that it was compacted up to revision {compacted}"
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


def _audit(
    rows: Sequence[audit.AuditRow], revisions: Sequence[Revision], facts: Mapping[str, str]
) -> Iterator[Problem]:
    """Its digests cover those of the revisions, as they stand."""
    digests = {revision.number: revision.digest for revision in revisions}
    told = {name: _number(facts, name) for name in (audit.LAST, audit.SINCE)}
    for revision, message in audit.problems(rows, digests, told):
        yield Problem(revision, None, message)


def _unsigned(
    unsigned: Mapping[str, Sequence[UnsignedRow]], versions: Mapping[int, VersionRecord]
) -> Iterator[Problem]:
    for table, rows in unsigned.items():
        for row in rows:
            if row_checksum(table, row.values) != row.checksum:
                yield _unsigned_problem(table, row.values, versions)


def _unsigned_problem(
    table: str, values: Mapping[str, object], versions: Mapping[int, VersionRecord]
) -> Problem:
    match table:
        case "version":
            version = versions[int(str(values["resource_version"]))]
            message = "its uid, generation, times, managers, source or path was changed"
            return Problem(version.valid_from, version.key, message)
        case "ownership":
            number = int(str(values["resource_version"]))
            if number not in versions:
                return Problem(
                    0, None, f"it tells of earlier owners of a version that is not there: {number}"
                )
            message = f"its managers, source or path before revision {values['until']} were changed"
            return Problem(versions[number].valid_from, versions[number].key, message)
        case "hold":
            key = ResourceKey(str(values["kind"]), str(values["namespace"]), str(values["name"]))
            return Problem(0, key, f"the hold on it against {values['source']} is not what was written")
        case "vault":
            return Problem(
                0, None, f"the sealed value {values['id']} of {values['place']} is not what was written"
            )
        case "token":
            return Problem(0, None, f"the token {values['name']} ({values['id']}) is not what was written")
        case _:
            return Problem(0, None, f'the fact "{values["key"]}" of the store is not what was written')


def _facts(
    facts: Mapping[str, str],
    revisions: Sequence[Revision],
    events: Sequence[Event],
    rows: Mapping[str, int],
) -> Iterator[Problem]:
    last = max((event.resource_version for event in events), default=0)
    if _number(facts, "resource_version") < last:
        yield Problem(
            0, None, f"the last resourceVersion is {last}, and the store says {facts.get('resource_version')}"
        )
    for fact, table, what in _COUNTED:
        if _number(facts, fact) != rows[table]:
            yield Problem(
                0, None, f"{rows[table]} {what} are there, and the store says {_number(facts, fact)}"
            )
    if _number(facts, "compacted") > (revisions[-1].number if revisions else 0):
        yield Problem(0, None, "the store says that it was compacted beyond its head")


def _number(facts: Mapping[str, str], name: str) -> int:
    """0 for what is not there, and for what is no number: its checksum tells of it."""
    text = facts.get(name, "0")
    return int(text) if text.isascii() and text.isdecimal() else 0
