"""POST /v1/backup: a verified copy of the store, sent as it is read.

Its length is told beforehand and the copy proves itself, so what breaks off passes for nothing. Who takes nothing of it for minutes
is cut by the listener, and leaves nothing behind.
"""

from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from reconciler.api.upkeep import COPY, KEY_PLACE
from reconciler.management.doorkeeper import principal
from reconciler.management.rest import answers
from reconciler.management.upkeep.keepers import Copied, KeeperOf
from reconciler.management.upkeep.turns import Turns
from reconciler.resources.principal import Principal

PIECE = 256 * 1024


class Backups:
    def __init__(self, keepers: KeeperOf, turns: Turns) -> None:
        self._keepers = keepers
        self._turns = turns

    async def backup(self, request: Request) -> Response:
        self._turns.enter()
        held = _Held(self._turns)
        try:
            copied = await run_in_threadpool(self._made, principal(request.scope), held)
        except BaseException:
            held.leave()
            raise
        return _Sent(copied, held)

    def _made(self, who: Principal, held: "_Held") -> Copied:
        return held.keep(self._keepers(who).copy())


class _Held:
    """A turn, and the copy that is made in it; both end once. Who waits for the thread that makes it may be told to stop before."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._copied: Copied | None = None
        self._left = False

    def keep(self, copied: Copied) -> Copied:
        self._copied = copied
        if self._left:
            copied.close()
        return copied

    def leave(self) -> None:
        self._left = True
        if self._copied is not None:
            self._copied.close()
        self._turns.leave()


class _Sent(StreamingResponse):
    """Ends with the connection, also where that is gone before anything was sent."""

    def __init__(self, copied: Copied, held: _Held) -> None:
        head = copied.backup.head.number
        headers = {
            "cache-control": "no-store",
            "content-length": str(copied.backup.size),
            "content-disposition": f'attachment; filename="routerctl-revision-{head}.db"',
            answers.REVISION: str(head),
            KEY_PLACE: quote(copied.key),
        }
        super().__init__(_pieces(copied.stream), 200, headers, COPY)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._held.leave()


async def _pieces(stream: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await run_in_threadpool(stream.read, PIECE):
        yield piece
