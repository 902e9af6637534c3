import asyncio

import pytest
from fakes.sink import RecordingSink
from fakes.waiting import turns

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.process.look import Look


@pytest.mark.parametrize(
    ("problem", "status", "failure"), [(None, 200, None), ("gone", None, Failure.CONNECT)]
)
def test_it_tells_later_what_is_so(problem: str | None, status: int | None, failure: Failure | None) -> None:
    async def whole() -> None:
        sink = RecordingSink()
        look = Look(problem, sink)
        look.pause()
        look.resume()
        assert not sink.over
        await sink.wait()
        assert (sink.status, sink.failure, sink.reason) == (status, failure, problem or "")

    asyncio.run(whole())


def test_who_left_hears_nothing() -> None:
    async def whole() -> None:
        sink = RecordingSink()
        sink.cancel(Look(None, sink))
        await turns()
        sink.check()

    asyncio.run(whole())
