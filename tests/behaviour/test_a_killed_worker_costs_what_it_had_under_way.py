"""Workers that are killed, or stand still, under load: the others go on, and the new one serves the last good revision.

Clients keep their connections and ask without a pause. Of a kill each of them hears once at most: its connection ends.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from fakes.load import Connection
from fakes.running import Running, routerctl, running, simulator
from fakes.waiting import until
from sizes import is_long, size

pytestmark = [pytest.mark.slow, pytest.mark.torture]

WORKERS = 2
CLIENTS = 8
READY = 2.0
"""Seconds from a kill to a worker that serves, in the long form, with the machine to itself."""
HANGS = 900.0 if is_long() else 120.0
"""Seconds that only a hanging test takes."""


@dataclass
class Books:
    answered: int = 0
    cut: int = 0
    over: bool = False
    texts: set[str] = field(default_factory=set)


async def ask(books: Books, url: str) -> None:
    parts = urlsplit(url)
    while not books.over:
        try:
            async with Connection(parts.hostname or "", parts.port or 0) as connection:
                while not books.over:
                    books.texts.add((await connection.chat("p-0")).text)
                    books.answered += 1
        except (ConnectionError, asyncio.IncompleteReadError):
            books.cut += 1


def write(folder: Path, text: str) -> None:
    changing = simulator("p-0", text=text)
    (folder / "m.yaml").write_text(changing + "".join(simulator(f"p-{n}") for n in range(1, size("SERVED"))))


def replaced(gateway: Running, killed: int) -> bool:
    return len(gateway.pids() - {killed}) == WORKERS


async def under_load(gateway: Running, books: Books, course: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(HANGS), asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(ask(books, gateway.data_url))
        await until(lambda: books.answered > 100, "the load")
        await course()
        enough = books.answered + 100
        await until(lambda: books.answered > enough, "the load goes on")
        books.over = True


def test_the_others_go_on_and_the_new_one_serves_the_last_revision(tmp_path: Path) -> None:
    db, took = tmp_path / "store.db", list[float]()
    write(tmp_path, "one")
    routerctl(db, "apply", "-f", str(tmp_path / "m.yaml"))
    with running("serve", "--workers", str(WORKERS), db=db) as gateway:

        async def kills() -> None:
            for _ in range(size("KILLED_WORKERS")):
                killed, begun = min(gateway.pids()), monotonic()
                os.kill(killed, signal.SIGKILL)
                await until(partial(replaced, gateway, killed), "another worker", deadline=40, pause=0.02)
                took.append(monotonic() - begun)
                assert gateway.serves(1, WORKERS)

        async def stands_still() -> None:
            """What it does not hear of while it stands still it finds when it goes on: nobody has to tell it again."""
            stopped = min(gateway.pids())
            os.kill(stopped, signal.SIGSTOP)
            try:
                for text in ("two", "three"):
                    write(tmp_path, text)
                    await asyncio.to_thread(routerctl, db, "apply", "-f", str(tmp_path / "m.yaml"))
            finally:
                os.kill(stopped, signal.SIGCONT)
            await until(lambda: gateway.serves(3, WORKERS), "the last revision", deadline=40, pause=0.02)
            assert stopped in gateway.pids()

        killing, standing = Books(), Books()
        asyncio.run(under_load(gateway, killing, kills))
        assert killing.texts == {"one"}
        assert killing.cut <= CLIENTS * size("KILLED_WORKERS")
        asyncio.run(under_load(gateway, standing, stands_still))
        assert standing.texts <= {"one", "two", "three"}
        assert standing.cut == 0
        assert gateway.text("p-0") == "three"
        assert "Traceback" not in gateway.errors()
    if is_long():
        assert max(took) <= READY
