"""What happened behind a place, as far as a principal may be told. A place is told as `resourceVersion.transition`. Blocks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.api.records import Records
from reconciler.api.store import Store
from reconciler.control.event_log import Entry, merged, of_changes, of_transitions
from reconciler.errors import NotFound
from reconciler.management.problems import BadRequest
from reconciler.management.showing.observing import ShownObserving
from reconciler.management.showing.records import ShownRecords
from reconciler.resources.principal import Principal
from reconciler.store.records import Sought
from reconciler.store.transitions import Transition

_PLACE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """`transition` None: what is behind the newest one there is. `digest` is the head's, so that a restore is seen."""

    version: int = 0
    transition: int | None = None
    head: int = 0
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises BadRequest."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise BadRequest(
                "an event's id is its resourceVersion, and after a dot the number of a transition"
            )
        return cls(int(found[1]), int(found[2]) if found[2] is not None else None)

    def __str__(self) -> str:
        return f"{self.version}.{self.transition or 0}"


def newest(store: Store) -> Place:
    """Behind all that there is."""
    records, log = store.records, store.observing.seen().log
    with records.consistent():
        return _at_head(records, Place(_newest_version(records), log[-1].number if log else 0))


def behind(
    store: Store, who: Principal, sought: Sought, place: Place, limit: int | None = None
) -> tuple[Sequence[Entry], Place]:
    """What happened since, oldest first, the newest `limit` of it, and where that ends.

    Raises NotFound where the store was restored meanwhile: what `place` names is not of its history.
    """
    transitions = _transitions(store, who, place)
    records = store.records
    with records.consistent():
        _require_same_history(records, place)
        logged = ShownRecords(records, who).logged(sought, after=place.version, limit=limit)
        end = _at_head(records, replace(place, version=max(place.version, _newest_version(records))))
    last = transitions[-1].number if transitions else place.transition or 0
    found = merged(of_changes(logged), of_transitions(transitions, sought))
    return (found if limit is None else found[-limit:]), replace(end, transition=last)


def _transitions(store: Store, who: Principal, place: Place) -> Sequence[Transition]:
    return ShownObserving(store.observing, who).seen(place.transition or 0).log


def _newest_version(records: Records) -> int:
    head = records.head()
    events = records.events(head) if head else ()
    return events[-1].resource_version if events else 0


def _at_head(records: Records, place: Place) -> Place:
    head = records.head_revision()
    return place if head is None else replace(place, head=head.number, digest=head.digest)


def _require_same_history(records: Records, place: Place) -> None:
    if place.digest is None:
        return
    found = records.find_revision(place.head)
    if found is None or found.digest != place.digest:
        raise NotFound(
            f"the watch can't go on: revision {place.head} is another one by now, since the store was restored",
            hint="list the events again, and begin there",
        )
