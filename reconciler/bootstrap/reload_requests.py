"""Asking whoever serves a store to replace its workers, and looking how far that is."""

from contextlib import closing

from reconciler.api.writes import Reloading
from reconciler.bootstrap.reading import open_reader
from reconciler.clock import Clock
from reconciler.errors import Unreachable
from reconciler.resources.principal import Principal
from reconciler.store import audit
from reconciler.store.observations import Observations
from reconciler.store.reloads import Reloads, supervisor_of
from reconciler.store.url import StoreLocation


def ask(location: StoreLocation, clock: Clock, who: Principal) -> tuple[int, Reloading]:
    """The request's number, and whom it was asked of. Raises Unreachable where nothing serves."""
    open_reader(location).close()
    with closing(Observations(location.records_path)) as observations:
        found = _look(observations, clock)
        if not found.live:
            raise Unreachable("nothing serves this store", hint="start it with", command="up")
        number = Reloads(observations).ask(clock.now().timestamp())
    audit.note(location.config_path, who, audit.Deed("reload", "all workers"), clock)
    return number, found


def look(location: StoreLocation, clock: Clock) -> Reloading:
    with closing(Observations(location.records_path)) as observations:
        return _look(observations, clock)


def _look(observations: Observations, clock: Clock) -> Reloading:
    live = observations.live(clock.now().timestamp())
    return Reloading(
        frozenset(supervisor_of(worker.instance) for worker in live), tuple(Reloads(observations).told())
    )
