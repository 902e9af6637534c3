from contextlib import closing
from pathlib import Path

import pytest
from fakes.workers import live_worker
from fakes.workshop import Workshop
from fakes.writing import someone

from reconciler.bootstrap.reload_requests import ask, look
from reconciler.clock import SystemClock
from reconciler.errors import Unreachable
from reconciler.store.observations import Observations
from reconciler.store.reloads import Reload, Reloads
from reconciler.store.url import parse


def test_whoever_serves_is_asked_and_looked_at(tmp_path: Path) -> None:
    shop, clock = Workshop(tmp_path), SystemClock()
    location = parse(str(shop.store))
    with pytest.raises(Unreachable, match="nothing serves this store"):
        ask(location, clock, someone())
    live_worker(shop.store, revision=0, instance="41-1")
    live_worker(shop.store, revision=0, instance="41-2")
    number, asked = ask(location, clock, someone())
    assert (number, [*asked.live], asked.told) == (1, ["41"], ())
    done = Reload("41", number, "done", 2, 2)
    with closing(Observations(location.records_path)) as observations:
        Reloads(observations).tell(done)
    assert look(location, clock).told == (done,)
    rows = shop.reader.select("SELECT principal, operation FROM audit")
    shop.close()
    assert rows == [("token:ci", "reload")]
