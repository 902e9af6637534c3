from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread

import pytest
from fakes.command import Routerctl, served
from fakes.waiting import joined
from fakes.workers import live_worker

from reconciler.store.observations import Observations
from reconciler.store.reloads import Reload, Reloads
from reconciler.store.url import parse


@pytest.fixture
def store(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"))
    return routerctl


def serve(store: Routerctl, supervisor: str = "7", *, lives: float = 3600) -> None:
    live_worker(store.db, revision=1, instance=f"{supervisor}-1-ab", lives=lives)


@contextmanager
def supervised(store: Routerctl, answer: Callable[[Reloads, int], None]) -> Iterator[None]:
    """On another thread: `answer`, once there is a request."""
    over = Event()

    def run() -> None:
        with closing(Observations(parse(str(store.db)).records_path)) as observations:
            reloads = Reloads(observations)
            while not over.wait(0.01):
                number = reloads.last()
                if number:
                    answer(reloads, number)
                    return

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        joined(thread)


def test_all_workers_are_replaced(store: Routerctl) -> None:
    serve(store)
    serve(store, "8")

    def answer(reloads: Reloads, number: int) -> None:
        reloads.tell(Reload("7", number, "running", 1, 2))
        reloads.tell(Reload("8", number, "done", 1, 1))
        reloads.tell(Reload("7", number, "done", 2, 2))

    with supervised(store, answer):
        assert store.ok("reload") == "reloaded 3 workers\n"


def test_who_does_not_wait_hears_no_more(store: Routerctl) -> None:
    serve(store)
    assert store.ok("reload", "--no-wait") == "asked for a reload\n"


def test_where_nothing_serves_nothing_is_asked(store: Routerctl) -> None:
    done = store("reload")
    assert (done.code, done.out) == (6, "")
    assert "nothing serves this store" in done.err


def test_a_worker_that_can_not_be_replaced_is_told(store: Routerctl) -> None:
    serve(store)

    def answer(reloads: Reloads, number: int) -> None:
        reloads.tell(Reload("7", number, "failed", 1, 2, "the new worker ended with exit code 5"))

    with supervised(store, answer):
        done = store("reload")
    assert done.code == 6
    assert "1 of 2 workers are replaced: the new worker ended with exit code 5" in done.err


def test_what_takes_too_long_is_told(store: Routerctl) -> None:
    serve(store)
    done = store("reload", "--timeout", "10ms")
    assert done.code == 7
    assert "after 0.01 s 0 of 0 workers are replaced" in done.err


def test_one_that_ends_meanwhile_is_not_waited_for(store: Routerctl) -> None:
    serve(store)

    def answer(reloads: Reloads, number: int) -> None:
        del reloads, number
        serve(store, lives=-3600)

    with supervised(store, answer):
        done = store("reload")
    assert done.code == 6
    assert "has ended meanwhile" in done.err
