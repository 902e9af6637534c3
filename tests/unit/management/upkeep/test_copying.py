"""A copy that is under way: whose client leaves, and whose server is told to stop."""

import asyncio
import io
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from fakes.loop import on_loop
from fakes.waiting import until
from starlette.requests import Request
from starlette.types import Message, Scope

from reconciler.errors import StoreError
from reconciler.management.doorkeeper import PRINCIPAL
from reconciler.management.problems import TooMany
from reconciler.management.upkeep.copying import PIECE, Backups
from reconciler.management.upkeep.keepers import Keeper
from reconciler.management.upkeep.turns import Turns
from reconciler.resources.principal import Principal, Role
from reconciler.store.backup import Backup
from reconciler.store.records import EMPTY_STORE

SIZE = 3 * PIECE + 1
SCOPE: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/v1/backup",
    "headers": [],
    "query_string": b"",
    PRINCIPAL: Principal("token:ada", Role.ADMIN),
}


@dataclass
class Copy:
    stream: BinaryIO = field(default_factory=lambda: io.BytesIO(bytes(SIZE)))
    key: str = "the file /ü"
    backup: Backup = field(default_factory=lambda: Backup(Path("x"), EMPTY_STORE, SIZE, frozenset()))

    def close(self) -> None:
        self.stream.close()


@dataclass
class Made:
    """Makes one copy, when it may."""

    copied: Copy = field(default_factory=Copy)
    may: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    fails: bool = False

    def copy(self) -> Copy:
        self.begun.set()
        assert self.may.wait(10)
        if self.fails:
            raise StoreError("damaged")
        return self.copied


class Client:
    def __init__(self, takes: int | None = None) -> None:
        """`takes`: messages; it is gone then."""
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self._takes = takes

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if self._takes is not None and len(self.sent) >= self._takes:
            self.gone.set()
            await asyncio.Event().wait()  # it takes nothing more

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def backups(made: Made, turns: Turns) -> Backups:
    keeper: Any = made
    kept: Keeper = keeper
    return Backups(lambda _: kept, turns)


async def served(made: Made, turns: Turns, client: Client) -> None:
    answer = await backups(made, turns).backup(Request(SCOPE))
    await asyncio.wait_for(answer(SCOPE, client.receive, client.send), 10)


def left_clean(made: Made, turns: Turns) -> None:
    assert made.copied.stream.closed
    turns.enter()  # the turn was given back, once
    with pytest.raises(TooMany):
        turns.enter()


@on_loop
async def test_it_is_sent_whole_and_closed() -> None:
    made, turns, client = Made(), Turns(1), Client()
    made.may.set()
    await served(made, turns, client)
    assert len(client.body) == SIZE
    headers = dict(client.sent[0]["headers"])
    assert headers[b"content-length"] == str(SIZE).encode()
    assert headers[b"x-routerctl-key-place"] == b"the%20file%20/%C3%BC"
    left_clean(made, turns)


@pytest.mark.parametrize("takes", [1, 2, 3])
@on_loop
async def test_who_leaves_leaves_nothing_behind(takes: int) -> None:
    made, turns, client = Made(), Turns(1), Client(takes)
    made.may.set()
    await served(made, turns, client)
    assert len(client.body) < SIZE
    left_clean(made, turns)


@on_loop
async def test_a_stop_while_it_is_made_leaves_nothing_behind() -> None:
    made, turns = Made(), Turns(1)
    task = asyncio.create_task(backups(made, turns).backup(Request(SCOPE)))
    await until(made.begun.is_set, "the begin of the copy")
    task.cancel()
    made.may.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: made.copied.stream.closed, "the end of the copy")
    turns.enter()


@on_loop
async def test_what_can_not_be_copied_is_said() -> None:
    made, turns = Made(fails=True), Turns(1)
    made.may.set()
    with pytest.raises(StoreError):
        await backups(made, turns).backup(Request(SCOPE))
    turns.enter()
    with pytest.raises(TooMany):
        await backups(made, turns).backup(Request(SCOPE))
