import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Self

import pytest
from fakes.waiting import turns, until

from reconciler.clock import SystemClock
from reconciler.errors import StoreError
from reconciler.gateway.limits.counters import counters
from reconciler.gateway.limits.keeper import Keeper
from reconciler.gateway.limits.limiter import Ticket
from reconciler.gateway.limits.limiters import Limiters
from reconciler.snapshot.limits import Limits
from reconciler.store.leases import Grant, Wish
from reconciler.store.ledger import Ledger, usage

LIMITS = Limits("Provider/p", 1, 2, queue=10, patience=30.0)


class Running:
    """A keeper with its limiters, as a worker has it."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.limiters = Limiters()
        self.keeper = Keeper(Ledger(path, name, SystemClock()), self.limiters)

    async def __aenter__(self) -> Self:
        self.task = asyncio.get_running_loop().create_task(self.keeper.run())
        await turns(2)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.keeper.end()
        await self.task

    def wait(self, *, queued: bool = True) -> Ticket:
        return self.limiters.of(LIMITS).wait((1, 0, 0), lambda: None, monotonic(), queued=queued)

    async def slot(self) -> Ticket:
        ticket = self.wait()
        await until(lambda: ticket.taken, "the slot")
        return ticket


def free(ticket: Ticket) -> None:
    assert ticket.taken is not None
    ticket.taken.over(None, monotonic())


@pytest.mark.anyio
async def test_slots_are_drawn_move_between_workers_and_go_back_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s-records.db"
    async with Running(path, "a") as one, Running(path, "b") as other:
        held = [await one.slot(), await one.slot()]
        waiting = other.wait()
        await turns()
        assert waiting.taken is None
        free(held[0])
        await until(lambda: waiting.taken, "the slot of the other worker")
        free(held[1])
        free(waiting)
    found = counters(LIMITS)["maxConcurrent"]
    assert usage(path, [found], SystemClock())[found.key].held == 0


@pytest.mark.anyio
async def test_while_nothing_is_held_the_file_is_not_made(tmp_path: Path) -> None:
    async with Running(tmp_path / "s-records.db", "a") as running:
        await turns()
    assert not running.path.exists()


class BrokenLedger:
    """Fails until it is mended."""

    def __init__(self) -> None:
        self.broken = True

    def exchange(self, wishes: Sequence[Wish]) -> list[Grant]:
        self._check()
        return [Grant(wish.used + wish.keep + wish.wanted) for wish in wishes]

    def wanted(self) -> Mapping[str, int]:
        self._check()
        return {}

    def moved(self) -> bool:
        self._check()
        return True

    def tidy(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the disk failed")


@pytest.mark.anyio
async def test_a_ledger_that_fails_is_told_once_and_nothing_is_granted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limiters, ledger = Limiters(), BrokenLedger()
    keeper = Keeper(ledger, limiters)
    task = asyncio.get_running_loop().create_task(keeper.run())
    await turns(2)
    with caplog.at_level(logging.WARNING):
        limiter = limiters.of(LIMITS)
        ticket = limiter.wait((1, 0, 0), lambda: None, monotonic(), queued=False)
        await until(lambda: ticket.refused, "the refusal")
        assert caplog.messages == [
            "no provider that has limits can be asked, and no client that has limits is served, for now: the disk failed"
        ]
        ledger.broken = False
        waiting = limiter.wait((1, 0, 0), lambda: None, monotonic(), queued=True)
        await until(lambda: waiting.taken, "the slot")
        assert caplog.messages[1:] == ["what has limits is served again"]
    keeper.end()
    await task
