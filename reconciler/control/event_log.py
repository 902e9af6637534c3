"""What happened to a store, as one list: the changes that revisions made, and what workers and sources went through.

Both are bounded by what is kept: changes for ever, the rest as far as the observations reach back. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.clock import timestamp
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.store.observations import WHOLE
from reconciler.store.records import Event, Revision, Sought
from reconciler.store.transitions import SERVING, Transition


@dataclass(frozen=True, slots=True)
class Entry:
    """`type` is ADDED, MODIFIED or DELETED of a change, else what `transitions` calls it. `time` is RFC 3339.

    `subject` is a resource (its key as text), worker/INSTANCE or source/NAME; `actor` who did or saw it.
    `resource_version` is None of what changed no resource, `revision` 0 where none was reached.
    """

    time: str
    type: str
    subject: str
    revision: int
    actor: str
    message: str
    resource_version: int | None = None


def of_changes(logged: Iterable[tuple[Event, Revision]]) -> Iterator[Entry]:
    for event, revision in logged:
        yield Entry(
            revision.time,
            event.type,
            str(event.key),
            revision.number,
            revision.actor,
            revision.message,
            event.resource_version,
        )


def of_transitions(found: Iterable[Transition], sought: Sought) -> Iterator[Entry]:
    """Those of the resources that are sought; of workers and sources where none is named."""
    keys = {str(key) for key in sought.keys}
    for each in found:
        entry = _of_transition(each)
        if keys and entry.subject not in keys:
            continue
        if sought.namespace is not None and _namespace(entry.subject) != sought.namespace:
            continue
        if sought.since is None or entry.time >= sought.since:
            yield entry


def _of_transition(each: Transition) -> Entry:
    time = timestamp(datetime.fromtimestamp(each.time, UTC))
    message = each.message or (f"serves revision {each.revision}" if each.reason == SERVING else "")
    if not each.observer:
        return Entry(time, each.reason, f"source/{each.subject}", each.revision, "", message)
    worker = f"worker/{each.observer}"
    of_worker = each.subject in {"", WHOLE}
    return Entry(time, each.reason, worker if of_worker else each.subject, each.revision, worker, message)


def _namespace(subject: str) -> str | None:
    """Of a resource; None of a worker or source."""
    kind, *rest = subject.split("/")
    if kind in {"worker", "source"}:
        return None
    return rest[0] if len(rest) > 1 else DEFAULT_NAMESPACE


def merged(*logs: Iterable[Entry]) -> Sequence[Entry]:
    """In the order of time; of one second, changes before what came of them."""
    return sorted((entry for log in logs for entry in log), key=lambda entry: entry.time)


def entry_json(entry: Entry) -> JsonObject:
    return {
        "time": entry.time,
        "type": entry.type,
        "resourceVersion": None if entry.resource_version is None else str(entry.resource_version),
        "subject": entry.subject,
        "revision": entry.revision or None,
        "actor": entry.actor or None,
        "message": entry.message or None,
    }
