import asyncio

import pytest
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.gateway.transport.http1 import idle
from reconciler.gateway.transport.http1.idle import IdleConnections


class Kept:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def connections() -> IdleConnections[Kept]:
    return IdleConnections(asyncio.get_running_loop())


@on_loop
async def test_the_last_used_goes_first() -> None:
    under_test, first, second = connections(), Kept(), Kept()
    under_test.push(first)
    under_test.push(second)
    assert len(under_test) == 2
    assert [under_test.pop(), under_test.pop(), under_test.pop()] == [second, first, None]
    under_test.close()


@on_loop
async def test_what_was_removed_meanwhile_is_passed_over() -> None:
    under_test, first, second = connections(), Kept(), Kept()
    under_test.push(first)
    under_test.push(second)
    under_test.remove(second)
    under_test.remove(second)
    assert under_test.pop() is first
    assert not second.closed
    under_test.close()


@on_loop
async def test_what_nobody_wants_is_closed_in_time() -> None:
    under_test, short, long = connections(), Kept(), Kept()
    under_test.push(short, 0.01)
    under_test.push(long, 0.02)
    await until(lambda: short.closed)
    await until(lambda: long.closed)
    assert len(under_test) == 0


@on_loop
async def test_the_timer_goes_on_to_the_next() -> None:
    under_test, short, long = connections(), Kept(), Kept()
    under_test.push(short, 0.01)
    under_test.push(long)
    await until(lambda: short.closed)
    assert under_test.pop() is long
    under_test.close()


@on_loop
async def test_an_upstream_that_keeps_none_gets_none() -> None:
    under_test, kept = connections(), Kept()
    under_test.push(kept, 0)
    assert kept.closed
    assert under_test.pop() is None


def test_not_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "MAX_IDLE", 2)

    @on_loop
    async def whole() -> None:
        under_test, kept = connections(), [Kept() for _ in range(3)]
        for one in kept:
            under_test.push(one)
        assert [one.closed for one in kept] == [False, False, True]
        under_test.close()
        assert all(one.closed for one in kept)

    whole()
