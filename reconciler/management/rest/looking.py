"""What is stored, as a principal may see it, with its times as the seeds' clients expect them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from reconciler.errors import NotFound
from reconciler.management.rest.stores import Stores
from reconciler.management.showing.records import ShownRecords
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey, StoredResource


class Looking:
    """One moment of a store, for one request."""

    def __init__(self, records: ShownRecords) -> None:
        self.records = records
        self._times: dict[int, int] = {}

    def require(self, key: ResourceKey) -> StoredResource:
        """Raises NotFound."""
        found = self.records.get(key)
        if found is None:
            raise not_there(key)
        return found

    def live(self, kind: str, namespace: str | None) -> list[StoredResource]:
        """Without what is being deleted."""
        return [each for each in self.records.list(kind, namespace) if not each.resource.terminating]

    def created_at(self, stored: StoredResource) -> int:
        """Milliseconds since the epoch."""
        return milliseconds_of(stored.creation_timestamp)

    def updated_at(self, stored: StoredResource) -> int:
        number = stored.revision
        if number not in self._times:
            revision = self.records.find_revision(number)
            self._times[number] = (
                milliseconds_of(revision.time) if revision is not None else self.created_at(stored)
            )
        return self._times[number]


@contextmanager
def looking(stores: Stores, who: Principal) -> Iterator[Looking]:
    with stores.reading() as reader, reader.consistent():
        yield Looking(ShownRecords(reader, who))


def not_there(key: ResourceKey) -> NotFound:
    return NotFound(f"{key} does not exist")


def milliseconds_of(timestamp: str) -> int:
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)
