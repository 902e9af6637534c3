import asyncio

import pytest
from fakes.loop import on_loop
from fakes.waiting import turns, until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1 import origin_pool
from reconciler.gateway.transport.http1.connection import Connection, Owner
from reconciler.gateway.transport.http1.origin_pool import OriginPool


class Socket(asyncio.Transport):
    """Open until it is aborted; then its connection hears of it in a moment."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._closing = False

    def abort(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)

    def is_closing(self) -> bool:
        return self._closing


class Waiting:
    def __init__(self) -> None:
        self.got: list[Connection] = []
        self.failures: list[tuple[Failure, str]] = []

    def connected(self, connection: Connection) -> None:
        self.got.append(connection)

    def unconnected(self, failure: Failure, reason: str) -> None:
        self.failures.append((failure, reason))


class Dialling:
    """Connections that are made when the test says so."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Future[None]] = []
        self.dead = False

    async def __call__(self, seconds: float, owner: Owner) -> Connection:
        self.begun.append(asyncio.get_running_loop().create_future())
        await self.begun[-1]
        connection = Connection(owner, asyncio.get_running_loop().time())
        socket = Socket(connection)
        connection.connection_made(socket)
        if self.dead:
            socket.abort()
        return connection

    async def finish(self, number: int, error: Exception | None = None) -> None:
        await until(lambda: len(self.begun) > number)
        if error is None:
            self.begun[number].set_result(None)
        else:
            self.begun[number].set_exception(error)
        await turns(5)


def pool(dialling: Dialling, *, retired: bool = False) -> OriginPool:
    return OriginPool(dialling, retired=retired)


@on_loop
async def test_who_waits_gets_the_connection_made_for_it() -> None:
    dialling, first, second = Dialling(), Waiting(), Waiting()
    under_test = pool(dialling)
    assert under_test.take() is None
    under_test.make(first, 1)
    under_test.make(second, 1)
    await dialling.finish(1)
    assert (len(first.got), len(second.got)) == (0, 1)
    await dialling.finish(0)
    assert len(first.got) == 1
    await under_test.aclose()
    assert not first.got[0].usable


@on_loop
async def test_who_waits_takes_what_comes_free_and_the_new_one_is_kept() -> None:
    dialling, first, second = Dialling(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1)
    await until(lambda: len(dialling.begun) == 2)
    under_test.put_back(first.got[0])
    assert second.got == first.got
    await dialling.finish(1)
    assert len(second.got) == 1
    kept = under_test.take()
    assert kept is not None
    assert kept is not first.got[0]
    await under_test.aclose()


@on_loop
async def test_one_that_closes_is_given_to_nobody() -> None:
    dialling, first, second, third = Dialling(), Waiting(), Waiting(), Waiting()
    under_test = pool(dialling)
    for number, waiting in enumerate((first, second)):
        under_test.make(waiting, 1)
        await dialling.finish(number)
    under_test.put_back(first.got[0])
    under_test.put_back(second.got[0])
    second.got[0].close()
    assert under_test.take() is first.got[0]
    first.got[0].close()
    under_test.make(third, 1)
    under_test.put_back(first.got[0])
    assert third.got == []
    await dialling.finish(2)
    assert len(third.got) == 1
    assert under_test.take() is None
    await under_test.aclose()


@on_loop
async def test_who_asks_next_takes_over_what_was_made_for_one_that_got_another() -> None:
    dialling, first, second, third = Dialling(), Waiting(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1)
    under_test.put_back(first.got[0])
    under_test.make(third, 1)
    await dialling.finish(1)
    assert len(third.got) == 1
    assert third.got != second.got
    assert len(dialling.begun) == 2
    await under_test.aclose()


@on_loop
async def test_what_failed_for_one_who_had_less_time_is_begun_again() -> None:
    dialling, first, second, third = Dialling(), Waiting(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1)
    under_test.put_back(first.got[0])
    under_test.make(third, 60)
    await dialling.finish(1, TimeoutError())
    assert third.failures == []
    await dialling.finish(2, TimeoutError())
    assert third.failures == [(Failure.CONNECT, "could not connect in time")]
    await under_test.aclose()


@on_loop
async def test_who_gives_up_what_it_took_over_stops_it() -> None:
    dialling, first, second, third = Dialling(), Waiting(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1)
    under_test.put_back(first.got[0])
    under_test.make(third, 1)
    await until(lambda: len(dialling.begun) == 2)
    under_test.give_up(third)
    await until(dialling.begun[1].cancelled)
    await turns()
    assert (third.got, third.failures) == ([], [])
    await under_test.aclose()


@on_loop
async def test_a_failure_nobody_waits_for_is_nobodys() -> None:
    dialling, first, second = Dialling(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1)
    await until(lambda: len(dialling.begun) == 2)
    under_test.put_back(first.got[0])
    await dialling.finish(1, OSError())
    assert second.failures == []
    await under_test.aclose()


@on_loop
async def test_who_wants_a_new_one_gets_no_other() -> None:
    dialling, first, second = Dialling(), Waiting(), Waiting()
    under_test = pool(dialling)
    under_test.make(first, 1)
    await dialling.finish(0)
    under_test.make(second, 1, fresh=True)
    under_test.put_back(first.got[0])
    assert second.got == []
    await dialling.finish(1)
    assert len(second.got) == 1
    await under_test.aclose()


@on_loop
async def test_who_gives_up_stops_what_is_made_for_it() -> None:
    dialling, waiting = Dialling(), Waiting()
    under_test = pool(dialling)
    under_test.make(waiting, 1)
    await until(lambda: dialling.begun)
    under_test.give_up(waiting)
    under_test.give_up(waiting)
    await until(dialling.begun[0].cancelled)
    await turns()
    assert (waiting.got, waiting.failures) == ([], [])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "could not connect in time"),
        (KeyError("canary"), "could not connect"),
    ],
)
def test_a_failure_is_told_and_a_bug_is_logged(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    @on_loop
    async def whole() -> None:
        dialling, waiting = Dialling(), Waiting()
        under_test = pool(dialling)
        under_test.make(waiting, 1)
        await dialling.finish(0, error)
        assert waiting.failures == [(Failure.CONNECT, reason)]

    whole()
    assert ("with a bug" in caplog.text) is isinstance(error, KeyError)


@on_loop
async def test_a_connection_that_died_at_birth() -> None:
    dialling, waiting = Dialling(), Waiting()
    dialling.dead = True
    under_test = pool(dialling)
    under_test.make(waiting, 1)
    await dialling.finish(0)
    assert [failure for failure, _ in waiting.failures] == [Failure.BROKEN]
    await under_test.aclose()


@on_loop
async def test_closing_ends_what_is_being_made() -> None:
    dialling, waiting = Dialling(), Waiting()
    under_test = pool(dialling)
    under_test.make(waiting, 1)
    await until(lambda: dialling.begun)
    await under_test.aclose()
    assert [failure for failure, _ in waiting.failures] == [Failure.BROKEN]


@on_loop
async def test_a_retired_pool_keeps_nothing() -> None:
    dialling, first, second = Dialling(), Waiting(), Waiting()
    under_test = pool(dialling)
    for number, waiting in enumerate((first, second)):
        under_test.make(waiting, 1)
        await dialling.finish(number)
    under_test.put_back(first.got[0])
    under_test.retire()
    assert not first.got[0].usable
    under_test.put_back(second.got[0])
    assert not second.got[0].usable
    await under_test.aclose()


@on_loop
async def test_a_pool_may_be_made_retired() -> None:
    dialling, waiting = Dialling(), Waiting()
    under_test = pool(dialling, retired=True)
    under_test.make(waiting, 1)
    await dialling.finish(0)
    under_test.put_back(waiting.got[0])
    assert not waiting.got[0].usable
    await under_test.aclose()


def test_an_old_connection_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin_pool, "MAX_AGE", -1)

    @on_loop
    async def whole() -> None:
        dialling, waiting = Dialling(), Waiting()
        under_test = pool(dialling)
        under_test.make(waiting, 1)
        await dialling.finish(0)
        under_test.put_back(waiting.got[0])
        assert under_test.take() is None
        await under_test.aclose()

    whole()


@pytest.mark.parametrize(("seconds", "kept"), [(None, True), (30, True), (1, False), (0, False)])
def test_an_upstream_says_how_long_it_keeps(seconds: int | None, kept: bool) -> None:
    @on_loop
    async def whole() -> None:
        dialling, waiting = Dialling(), Waiting()
        under_test = pool(dialling)
        under_test.make(waiting, 1)
        await dialling.finish(0)
        waiting.got[0].answer.keep_alive = seconds
        under_test.put_back(waiting.got[0])
        assert (under_test.take() is not None) is kept
        await under_test.aclose()

    whole()
