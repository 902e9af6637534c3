from contextlib import closing
from pathlib import Path

from reconciler.store.observations import Observations
from reconciler.store.reloads import KEPT, Reload, Reloads, supervisor_of


def test_who_asks_and_who_tells(tmp_path: Path) -> None:
    with closing(Observations(tmp_path / "records.db")) as observations:
        reloads = Reloads(observations)
        assert (reloads.last(), reloads.told()) == (0, ())
        assert [reloads.ask(1.0), reloads.ask(2.0)] == [1, 2]
        assert reloads.last() == 2
        reloads.tell(Reload("7", 2, "running", 0, 2))
        reloads.tell(Reload("7", 2, "failed", 1, 2, "why"))
        reloads.tell(Reload("6", 2, "done", 1, 1))
        assert reloads.told() == (Reload("6", 2, "done", 1, 1), Reload("7", 2, "failed", 1, 2, "why"))


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    with closing(Observations(tmp_path / "records.db")) as observations:
        reloads = Reloads(observations)
        reloads.tell(Reload("7", reloads.ask(1.0), "done", 1, 1))
        for _ in range(KEPT):
            reloads.ask(2.0)
        assert reloads.told() == ()
        assert reloads.last() == KEPT + 1
        with observations.reading() as connection:
            assert connection is not None
            assert connection.execute("SELECT count(*) FROM reload_request").fetchone() == (KEPT,)


def test_a_worker_bears_the_name_of_its_supervisor() -> None:
    assert supervisor_of("4711-2-ab12") == "4711"
