import asyncio

from fakes.loop import on_loop
from fakes.waiting import turns, until

from reconciler.gateway.transport.http1.deadlines import Deadlines


class Watched:
    def __init__(self, log: list["Watched"], drops: "tuple[Deadlines, Watched] | None" = None) -> None:
        self._log = log
        self._drops = drops

    def expired(self) -> None:
        self._log.append(self)
        if self._drops is not None:
            self._drops[0].drop(self._drops[1])


def deadlines(seconds: float = 0.02) -> Deadlines:
    return Deadlines(asyncio.get_running_loop(), seconds)


@on_loop
async def test_they_end_in_the_order_in_which_they_began() -> None:
    log: list[Watched] = []
    under_test, watched = deadlines(), [Watched(log) for _ in range(5)]
    for one in watched:
        under_test.watch(one)
    await until(lambda: len(log) == 5)
    assert log == watched
    assert under_test.idle


@on_loop
async def test_who_is_watched_again_goes_to_the_end() -> None:
    log: list[Watched] = []
    under_test, first, second = deadlines(), Watched(log), Watched(log)
    under_test.watch(first)
    under_test.watch(second)
    under_test.watch(first)
    await until(lambda: len(log) == 2)
    assert log == [second, first]


@on_loop
async def test_a_later_one_has_its_own_time() -> None:
    log: list[Watched] = []
    under_test, first, second = deadlines(), Watched(log), Watched(log)
    began = asyncio.get_running_loop().time()
    under_test.watch(first)
    await until(lambda: asyncio.get_running_loop().time() > began + 0.01)
    under_test.watch(second)
    await until(lambda: log == [first])
    assert not under_test.idle
    await until(lambda: log == [first, second])


@on_loop
async def test_who_is_dropped_is_left_alone() -> None:
    log: list[Watched] = []
    under_test, first, second = deadlines(), Watched(log), Watched(log)
    under_test.watch(first)
    under_test.watch(second)
    under_test.drop(first)
    under_test.drop(first)
    await until(lambda: under_test.idle)
    assert log == [second]


@on_loop
async def test_one_that_ends_may_drop_another() -> None:
    log: list[Watched] = []
    under_test = deadlines()
    second = Watched(log)
    first = Watched(log, (under_test, second))
    under_test.watch(first)
    under_test.watch(second)
    await until(lambda: under_test.idle)
    assert log == [first]


@on_loop
async def test_close_forgets_all() -> None:
    log: list[Watched] = []
    under_test = deadlines(0)
    under_test.close()
    under_test.watch(Watched(log))
    under_test.close()
    await turns()
    assert log == []
    assert under_test.idle
