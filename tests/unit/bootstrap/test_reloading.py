import asyncio
import logging
from collections.abc import Callable

import pytest
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.bootstrap import reloading as module
from reconciler.bootstrap.acknowledgements import News
from reconciler.bootstrap.reloading import Reloading
from reconciler.errors import StoreError, Unreachable
from reconciler.store.reloads import Reload


class Requests:
    def __init__(self) -> None:
        self.number = 7
        self.told: list[Reload] = []
        self.broken = False

    def last(self) -> int:
        if self.broken:
            raise StoreError("no space is left")
        return self.number

    def tell(self, reload: Reload) -> None:
        if self.broken:
            raise StoreError("no space is left")
        self.told.append(reload)


class Workers:
    def __init__(self, count: int) -> None:
        self.count = count
        self.replaced: list[int] = []
        self.failing: int | None = None

    async def replace(self, slot: int, serves: Callable[[str], bool]) -> None:
        assert serves("any")
        if slot == self.failing:
            raise Unreachable("the new worker ended with exit code 5")
        self.replaced.append(slot)


class Stand:
    def __init__(self, count: int = 2) -> None:
        self.requests = Requests()
        self.workers = Workers(count)
        self.news: list[News] = []
        self.reloading = Reloading("42", self.requests, self.workers, lambda _: True, self.news.append)
        self.task = asyncio.create_task(self.reloading.run())

    @property
    def said(self) -> list[str]:
        return [each.text for each in self.news]

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.005)


@on_loop
async def test_a_new_request_replaces_all_one_after_the_other() -> None:
    stand = Stand()
    await _begun(stand)
    assert stand.workers.replaced == []  # what was asked before it began is none of its affair
    stand.requests.number = 9
    await until(lambda: len(stand.said) == 2, "the end")
    await until(lambda: len(stand.requests.told) == 3, "the report")
    assert stand.workers.replaced == [0, 1]
    assert stand.requests.told == [
        Reload("42", 9, "running", 0, 2),
        Reload("42", 9, "running", 1, 2),
        Reload("42", 9, "done", 2, 2),
    ]
    assert stand.said == [
        "reloading: 2 workers, one after the other",
        "reloaded 2 workers; the old ones finish what they have under way",
    ]
    await stand.end()


async def _begun(stand: Stand) -> None:
    """It has read which request was the last before it began."""
    looked = 0
    before = stand.requests.last

    def last() -> int:
        nonlocal looked
        looked += 1
        return before()

    stand.requests.last = last  # type: ignore[method-assign]  # to count
    await until(lambda: looked > 1, "it looks")


@on_loop
async def test_a_signal_needs_no_records(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand(1)
    stand.requests.broken = True
    stand.reloading.ask()
    await until(lambda: len(stand.said) == 2, "the end")
    assert stand.workers.replaced == [0]
    assert stand.said[0] == "reloading: 1 worker, one after the other"
    await until(lambda: caplog.messages, "the warning")
    stand.requests.broken = False
    await _begun(stand)
    stand.reloading.ask()
    await until(lambda: len(stand.requests.told) == 2, "the report")
    assert stand.requests.told[-1].state == "done"
    assert len(caplog.messages) == 1
    await stand.end()


@on_loop
async def test_one_that_can_not_be_replaced_ends_it() -> None:
    stand = Stand(3)
    stand.workers.failing = 1
    await _begun(stand)
    stand.requests.number = 8
    await until(lambda: len(stand.requests.told) == 3, "the report")
    assert stand.workers.replaced == [0]
    why = "the new worker ended with exit code 5"
    assert stand.requests.told[-1] == Reload("42", 8, "failed", 1, 3, why)
    assert stand.news[-1] == News(logging.ERROR, f"reloaded 1 of 3 workers: {why}; the others go on")
    await stand.end()
