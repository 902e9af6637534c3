from reconciler.api.records import Seen
from reconciler.store.health import HealthRows, ProbeRow
from reconciler.store.observations import LIVE_SECONDS, WorkerRow
from reconciler.store.transitions import SERVING, Transition


def test_who_is_live_is_a_matter_of_the_servers_own_clock() -> None:
    """Its rows are compared with the moment that it says, whatever the time is where that is read."""
    live = WorkerRow("a", 1, 0.0, 100.0, 3)
    dead = WorkerRow("b", 2, 0.0, 100.0 - LIVE_SECONDS - 0.1, 3)
    log = (Transition(50.0, "a", SERVING, revision=3, number=1),)
    probe = ProbeRow("Provider/p", healthy=True, since=1.0, probed=2.0)
    seen = Seen("sqlite:///s.db", 100.0, (dead, live), log, HealthRows(probes={"Provider/p": probe}))
    assert seen.live == (live,)
    observed = seen.observed()
    assert (observed.workers, observed.now, observed.served_since(3)) == ((live,), 100.0, 50.0)
    assert observed.health is seen.health
