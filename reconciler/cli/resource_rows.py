"""Resources with their conditions, as commands show them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.api.records import Observing, Records
from reconciler.cli.client_uses import short_uses
from reconciler.cli.reading import observing_of
from reconciler.cli.resource_output import Row
from reconciler.cli.session import Session
from reconciler.control.conditions import conditions_of, shown_of
from reconciler.control.observed import Observed
from reconciler.control.surroundings import Surroundings
from reconciler.resources.resource import StoredResource


@dataclass(frozen=True, slots=True)
class Rows:
    """What is `observing` stays open as long as rows are made."""

    session: Session
    reader: Records
    observing: Observing

    def observed(self) -> Observed:
        return self.observing.seen().observed()

    def of(self, found: Sequence[StoredResource], *, ready_only: bool = False) -> list[Row]:
        """`ready_only`: of their conditions, just those that a table shows."""
        observed, now = self.observed(), self.session.clock.now()
        used = short_uses(found, self.observing)
        with self.reader.consistent():
            around = Surroundings(self.reader)
            return [
                Row(
                    stored,
                    now,
                    shown_of(stored, around, observed)
                    if ready_only
                    else conditions_of(stored, around, observed),
                    used.get(stored.key),
                )
                for stored in found
            ]


@contextmanager
def rows_of(session: Session, reader: Records) -> Iterator[Rows]:
    with observing_of(session) as observing:
        yield Rows(session, reader, observing)
