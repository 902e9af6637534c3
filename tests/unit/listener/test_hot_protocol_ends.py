"""The end of what a client says, and what it is still told."""

import asyncio
import gc
import weakref

from fakes.hot_service import ScriptedService, hot_paths
from fakes.in_process import Answers, Wire
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.cork import Corked

ASKED = (
    b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
)


async def no_app(scope: Scope, receive: Receive, send: Send) -> None: ...


def test_who_says_no_more_gets_what_was_answered_before() -> None:
    """The loop closes its own transport when a client's side ends, and knows nothing of what is held."""

    async def whole() -> None:
        service = ScriptedService()
        wire = Wire(DataPlane(no_app, hot_paths(service, max_body=1000)))
        Corked(asyncio.Transport(), wire.protocol._cork)  # another connection
        wire.send(ASKED)
        service.asked[0].reply.answer(200, (), b"hot")
        assert wire.received == b"", "it waits for the end of the turn"
        wire.protocol.eof_received()
        assert [body for _, _, body in Answers(wire.received).whole] == [b"hot"]

    asyncio.run(whole())


def test_what_a_client_said_last_goes_with_its_connection() -> None:
    async def whole() -> None:
        service = ScriptedService()
        wire = Wire(DataPlane(no_app, hot_paths(service, max_body=1000)))
        for _ in range(3):
            wire.send(ASKED)
            service.asked[-1].reply.answer(200, (), b"hot")
        assert wire.protocol._turns._repeated is not None
        wire.leave()
        assert wire.protocol._turns._repeated is None

    asyncio.run(whole())


def test_a_connection_that_is_over_goes_at_once() -> None:
    """Those that clients leave, many a second, would else stay until garbage is looked for, with what they hold."""

    async def whole() -> None:
        service = ScriptedService()
        service.at_once = b"hot"
        wire = Wire(DataPlane(no_app, hot_paths(service, max_body=1000)))
        for _ in range(3):
            wire.send(ASKED)
        gone = [weakref.ref(each) for each in (wire.protocol, wire.protocol._turns)]
        wire.leave()
        service.asked.clear()
        del wire
        await asyncio.sleep(0)
        assert [each() for each in gone] == [None, None]

    gc.disable()
    try:
        asyncio.run(whole())
    finally:
        gc.enable()
