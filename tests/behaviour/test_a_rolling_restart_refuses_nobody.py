"""All workers are replaced under load, by a command and by a signal: every request is answered whole."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes.load import Connection
from fakes.running import Running, routerctl, running, said, simulator
from fakes.waiting import until

pytestmark = pytest.mark.slow

HANGS = 120.0
"""Seconds that only a hanging test takes; this one needs some 10."""

SLOW = "a stream that lasts longer than a reload"
STREAMS, PLAIN, NEW = 6, 6, 3
PAUSE = 0.01
"""Of a client, between two requests: the processors are wanted by new workers as well."""


@dataclass
class Books:
    answered: int = 0
    over: bool = False


async def ask(
    books: Books, url: str, model: str, text: str, *, keeps: bool = True, stream: bool = False
) -> None:
    """One client. It keeps its connection as long as the server does, or opens one for each request."""
    parts = urlsplit(url)
    while not books.over:
        async with Connection(parts.hostname or "", parts.port or 0) as connection:
            kept = True
            while kept and not books.over:
                reply = await connection.chat(model, stream=stream)
                assert reply.text == text
                books.answered += 1
                await asyncio.sleep(PAUSE)
                kept = keeps and reply.headers.get("connection") != "close"


async def reload(books: Books, gateway: Running, db: Path) -> None:
    for way in ("command", "signal"):
        before = gateway.pids()
        assert len(before) == 2
        if way == "command":
            done = await asyncio.to_thread(said, db, "reload", "--timeout", "60s")
            assert (done.code, done.out) == (0, "reloaded 2 workers\n")
        else:
            os.kill(gateway.process.pid, signal.SIGHUP)
            await until(
                lambda: gateway.errors().count("reloaded 2 workers") == 2,
                "the second",
                deadline=60,
                pause=0.05,
            )
        asked = books.answered
        await until(lambda: books.answered > asked + 100, "the load", deadline=60, pause=0.05)  # noqa: B023  waited for here
        if way == "signal":
            break
        await until(lambda: not gateway.pids() & before, "the end of the old ones", deadline=60, pause=0.1)  # noqa: B023  as above
    books.over = True


def test_a_rolling_restart_refuses_nobody(tmp_path: Path) -> None:
    db, books = tmp_path / "store.db", Books()
    manifests = tmp_path / "m.yaml"
    slow = simulator("slow", text=SLOW, chunkSize=1, interval="40ms")
    manifests.write_text(simulator("quick", text="hello") + slow, encoding="utf-8")
    routerctl(db, "apply", "-f", str(manifests))

    async def load(gateway: Running) -> None:
        url = gateway.data_url
        async with asyncio.timeout(HANGS), asyncio.TaskGroup() as group:
            group.create_task(reload(books, gateway, db))
            for _ in range(STREAMS):
                group.create_task(ask(books, url, "slow", SLOW, stream=True))
            for _ in range(PLAIN):
                group.create_task(ask(books, url, "quick", "hello"))
            for _ in range(NEW):
                group.create_task(ask(books, url, "quick", "hello", keeps=False))

    with running("serve", "--workers", "2", db=db) as gateway:
        try:
            asyncio.run(load(gateway))
        except BaseException:
            print(gateway.errors())  # what its workers said, for who looks at a failure
            raise
        counted = "routerctl_requests_total"
        gateway.wait(lambda: gateway.metric(counted) == books.answered, "each request, counted once")
        assert "Traceback" not in gateway.errors()
        assert gateway.stop() == 0
