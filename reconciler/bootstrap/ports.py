"""What the management API stands on, put together for a store."""

import shlex
from collections.abc import Callable, Mapping

from reconciler.bootstrap.answering import Answering
from reconciler.bootstrap.archive import ServedArchive
from reconciler.bootstrap.authors import by_the_listener
from reconciler.bootstrap.served_upstreams import ServedUpstreams
from reconciler.bootstrap.stores import ServedStores
from reconciler.bootstrap.upkeep.local import LocalUpkeep
from reconciler.bootstrap.writes import LocalWrites
from reconciler.clock import Clock
from reconciler.management.ports import Ports
from reconciler.settings import Reach
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation


def ports_of(
    location: StoreLocation,
    environ: Mapping[str, str],
    observations: Observations,
    clock: Clock,
    reach: Reach | None = None,
    listeners: tuple[tuple[str, int], ...] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Ports:
    """`reach`: what Providers may use of this machine. `listeners` are this gateway's own addresses, and `stopping` whether it
    is about to end.
    """
    reach = reach or Reach()
    program = f"routerctl --db {shlex.quote(str(location.config_path))}"
    return Ports(
        ServedStores(location, environ, observations, clock),
        Answering(location, environ, clock),
        ServedArchive(location, clock),
        lambda who: LocalWrites(location, environ, clock, by_the_listener(who)),
        ServedUpstreams(location, environ, clock, reach, listeners),
        lambda who: LocalUpkeep(location, environ, clock, who, reach, program, served=True),
        stopping,
    )
