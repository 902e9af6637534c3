"""Resources with their conditions, as commands show them."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from reconciler.cli.client_uses import short_uses
from reconciler.cli.resource_output import Row
from reconciler.cli.session import Session
from reconciler.control.conditions import conditions_of, shown_of
from reconciler.control.observed import Observed, observe
from reconciler.control.surroundings import Surroundings
from reconciler.resources.resource import StoredResource
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Rows:
    """`observations` stay open as long as rows are made."""

    session: Session
    reader: Reader
    observations: Observations

    def observed(self) -> Observed:
        return observe(self.observations, self.session.clock, HealthRecords(self.observations))

    def of(self, found: Sequence[StoredResource], *, ready_only: bool = False) -> list[Row]:
        """`ready_only`: of their conditions, just those that a table shows."""
        observed, now = self.observed(), self.session.clock.now()
        used = short_uses(found, self.session.location.records_path, self.session.clock)
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
def rows_of(session: Session, reader: Reader) -> Iterator[Rows]:
    with closing(Observations(session.location.records_path)) as observations:
        yield Rows(session, reader, observations)
