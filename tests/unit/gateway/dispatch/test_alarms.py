"""Deadlines of many on one timer."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.gateway.dispatch.alarms import Alarms


class Sleeper:
    def __init__(self, name: str, met: list[str]) -> None:
        self._name = name
        self._met = met

    def due(self) -> None:
        self._met.append(self._name)


@on_loop
async def test_they_are_met_in_time_whatever_their_order() -> None:
    alarms, met = Alarms(), list[str]()
    now = alarms.now()
    for name, after in (("late", 0.03), ("soon", 0.001), ("later", 0.06)):
        alarms.set(Sleeper(name, met), now + after)
    await until(lambda: len(met) == 3, "all deadlines")
    assert met == ["soon", "late", "later"]
    assert alarms._timer is None


@on_loop
async def test_what_was_cleared_or_moved_is_not_met() -> None:
    alarms, met = Alarms(), list[str]()
    now = alarms.now()
    cleared, moved = Sleeper("cleared", met), Sleeper("moved", met)
    alarms.set(cleared, now)
    alarms.set(moved, now)
    alarms.set(moved, now + 60)
    alarms.clear(cleared)
    alarms.clear(cleared)
    alarms.set(Sleeper("met", met), now + 0.01)
    await until(lambda: met, "the deadline")
    assert met == ["met"]
    assert list(alarms._at) == [moved]


@on_loop
async def test_one_that_is_met_may_clear_and_set_others() -> None:
    alarms, met = Alarms(), list[str]()
    now = alarms.now()
    other = Sleeper("other", met)

    class First(Sleeper):
        def due(self) -> None:
            super().due()
            alarms.clear(other)
            alarms.set(Sleeper("next", met), now)

    alarms.set(First("first", met), now)
    alarms.set(other, now)
    await until(lambda: len(met) == 2, "the next")
    assert met == ["first", "next"]


@on_loop
async def test_a_thousand_cost_one_timer() -> None:
    alarms, met = Alarms(), list[str]()
    now = alarms.now()
    for number in range(1000):
        alarms.set(Sleeper("x", met), now + 60 + number)
    first = alarms._timer
    for number in range(1000):
        alarms.set(Sleeper("x", met), now + 120 + number)
    assert alarms._timer is first
    assert first is not None
    first.cancel()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_none_is_met_before_its_time(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Their clock and the loop's are the same, whichever it is."""

    async def whole() -> None:
        alarms, met = Alarms(), list[str]()
        at = alarms.now() + 0.02
        alarms.set(Sleeper("x", met), at)
        await until(lambda: met, "the deadline")
        assert alarms.now() >= at - 0.001

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(whole())
