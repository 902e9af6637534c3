from contextlib import closing

from fakes.command import Routerctl, served
from fakes.workers import live_worker

from reconciler.store.health import Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.url import parse


def resets(routerctl: Routerctl) -> list[str]:
    with closing(Observations(parse(str(routerctl.db)).records_path)) as observations:
        return [provider for _, provider in HealthRecords(observations).exchange(Told("w1", 0.0)).resets]


def test_live_workers_are_told_to_forget(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), served("n"))
    live_worker(routerctl.db, revision=1)
    assert routerctl.ok("provider", "reset", "m", "n").splitlines() == [
        "reset     Provider/m",
        "reset     Provider/n",
        "1 live worker forgets what failed there within a second or so.",
    ]
    assert resets(routerctl) == ["Provider/m", "Provider/n"]
    told = routerctl("provider", "reset", "m", "-o", "json").json()
    assert told == {"reset": ["Provider/m"], "workers": 1}


def test_where_nobody_serves_there_is_nothing_to_forget(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    assert routerctl.ok("provider", "reset", "m").splitlines()[1] == (
        "No worker is live: there was nothing to forget."
    )


def test_one_that_is_not_there_resets_nothing(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    done = routerctl("provider", "reset", "m", "zzz")
    assert (done.code, done.out) == (3, "")
    assert "Provider/zzz does not exist" in done.err
    live_worker(routerctl.db, revision=1)
    assert resets(routerctl) == []
