"""A hundred revisions under four workers that stream: nobody notices but those who ask what was changed.

The load goes on until the last revision is served; how long that takes is the machine's affair. Each request that
begins after all workers acknowledged a revision is answered from it or a later one, and its text is exactly what its
provider said at the revision that the answer names: a mixed, cut or lost answer can't be.
"""

import asyncio
import json
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from fakes.load import Connection
from fakes.running import Running, running, served_by, simulator
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest
from fakes.waiting import until
from sizes import is_long, size

from reconciler.bootstrap.writing import cipher_for_sealing, open_writer
from reconciler.clock import SystemClock
from reconciler.control.reconcile import Folders, Reconciler, Result
from reconciler.control.serving import serving
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.url import parse

pytestmark = [pytest.mark.slow, pytest.mark.torture]

WORKERS = 4
REVISIONS = size("REVISIONS")
_MORE = 4 if is_long() else 1
STREAMS = {
    "steady": 12 * _MORE,
    "moving": 12 * _MORE,
    "sim-a": 10 * _MORE,
    "sim-b": 10 * _MORE,
    "quiet": 8 * _MORE,
}
"""Streams under way at any time, by model. Each client begins the next one when one has ended."""
PLAIN = {"steady": 2 * _MORE, "moving": 2 * _MORE, "sim-a": 2 * _MORE, "sim-b": 2 * _MORE}
"""Clients that ask in one piece: each at every beat, together 100 requests a second, or four times that."""
BEAT = 0.08
PER_REVISION = 10
"""Plain requests that are answered between two revisions, at least."""
EVERY = 1.0 if is_long() else 0.0
"""Seconds from one revision to the next, at least: ten minutes for the 600 of the long form."""
PIECES = 20
TOUCHED = ("sim-a", "moving", "sim-b", "quiet")
PACE = 0.05
"""Seconds between two pieces of a stream."""

HANGS = 3600.0 if is_long() else 300.0
"""Seconds that only a hanging test takes; this one needs some 30, its long form some 10 minutes."""

VISIBLE = 1.0
"""Seconds in which 99 % of the revisions are served by all workers, in the long form, with the machine to itself."""

Work = Callable[["Books", Connection, str], Coroutine[None, None, None]]
Look = Callable[[], tuple[WorkerRow, ...]]


def said(provider: str, build: int) -> str:
    return f"{provider} of build {build}. " * PIECES


def pieces(text: str) -> list[bytes]:
    size = len(text) // PIECES
    deltas = [{"content": text[at : at + size]} for at in range(0, len(text), size)]
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    events: list[object] = [{"choices": [chunk]} for chunk in chunks]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events]


def paced(provider: str) -> Callable[[ReceivedRequest], Answer]:
    """Says which build asked: the header `x-build` is a part of the provider's config."""

    def answer(request: ReceivedRequest) -> Answer:
        text = said(provider, int(request.header("x-build") or "0"))
        if not json.loads(request.body).get("stream"):
            return Answer((json.dumps({"choices": [{"message": {"content": text}}]}).encode(),))
        loop = asyncio.get_running_loop()
        steps: list[bytes | asyncio.Event] = []
        for number, piece in enumerate(pieces(text)):
            due = asyncio.Event()
            loop.call_later(number * PACE, due.set)
            steps += [due, piece]
        return Answer((*steps, b"data: [DONE]\n\n"), headers=(("content-type", "text/event-stream"),))

    return answer


@dataclass
class Books:
    """What the revisions said, what is served for certain, and what the load has seen."""

    builds: dict[str, list[int]] = field(default_factory=lambda: {name: [1] for name in STREAMS})
    served: int = 1
    streamed: int = 0
    answered: int = 0
    over: bool = False
    waited: list[float] = field(default_factory=list)

    def text(self, provider: str, revision: int) -> str:
        builds = self.builds[provider]
        return said(provider, builds[bisect_right(builds, revision) - 1])

    def have(self, answered: int) -> bool:
        return self.answered >= answered


class Manifests:
    """The folder, and the engine that applies it in this process."""

    def __init__(self, db: Path, steady: str, moving: str) -> None:
        self.folder = db.parent / "manifests"
        self.folder.mkdir()
        self._urls = {"steady": steady, "moving": moving}
        self._priority = 0
        for name in STREAMS:
            self.write(name, 1)

    def write(self, name: str, build: int) -> None:
        if name in self._urls:
            config = {"baseURL": self._urls[name], "headers": {"x-build": str(build)}}
            text = served_by(name, {"type": "openai-compatible", "config": config})
        elif name == "quiet":  # its texts and priority change, and what it is built from does not
            spec = {"type": "simulator", "priority": build, "displayName": f"Quiet {build}"}
            text = served_by(name, {**spec, "config": self._simulated(name, 1)})
        else:
            text = simulator(name, **self._simulated(name, build))
        (self.folder / f"{name}.yaml").write_text(text)

    def _simulated(self, name: str, build: int) -> dict[str, object]:
        text = said(name, build)
        return {"text": text, "chunkSize": len(text) // PIECES, "interval": f"{PACE * 1000:.0f}ms"}


@contextmanager
def engine(db: Path, folder: Path) -> Iterator[Callable[[], Result]]:
    """Applies the folder again."""
    location, clock = parse(str(db)), SystemClock()
    with closing(open_writer(location, clock)) as writer, Reader(location.config_path) as reader:
        reconciler = Reconciler(
            records=reader,
            known_sources=lambda: sorted(reader.sources()),
            committer=writer,
            cipher=lambda: cipher_for_sealing(location, {}, reader),
            clock=clock,
        )
        yield partial(reconciler.reconcile, Folders((str(folder),)))


def rows(db: Path) -> Callable[[], tuple[WorkerRow, ...]]:
    observations = Observations(parse(str(db)).records_path)
    return lambda: serving(observations, SystemClock()).workers


async def stream(books: Books, connection: Connection, provider: str) -> None:
    while not books.over:
        floor = books.served
        reply = await connection.chat(provider, stream=True)
        assert reply.text == books.text(provider, reply.revision)
        assert reply.revision >= floor
        books.streamed += 1


async def ask(books: Books, connection: Connection, provider: str) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not books.over:
        floor = books.served
        reply = await connection.chat(provider)
        assert reply.text == books.text(provider, reply.revision)
        assert reply.revision >= floor
        books.answered += 1
        due = max(due + BEAT, loop.time())
        await asyncio.sleep(due - loop.time())


async def client(books: Books, url: str, provider: str, work: Work) -> None:
    parts = urlsplit(url)
    async with Connection(parts.hostname or "", parts.port or 0) as connection:
        await work(books, connection, provider)


async def revise(books: Books, manifests: Manifests, apply: Callable[[], Result], look: Look) -> None:
    """The revisions, one provider each; the next one when all workers serve it and the load has gone on."""
    for turn in range(REVISIONS):
        name, number, due = TOUCHED[turn % len(TOUCHED)], books.served + 1, monotonic() + EVERY
        if name != "quiet":
            books.builds[name].append(number)
        manifests.write(name, number)
        result = await asyncio.to_thread(apply)
        assert (result.error, result.revision, result.changed) == (None, number, 1)
        begun = monotonic()
        await until(partial(all_serve, look, number), f"revision {number}", deadline=40, pause=0.01)
        books.waited.append(monotonic() - begun)
        books.served = number
        enough = books.answered + PER_REVISION
        await until(partial(books.have, enough), "the load", deadline=40, pause=0.01)
        await asyncio.sleep(due - monotonic())
    books.over = True


def all_serve(look: Look, revision: int) -> bool:
    return [worker.revision for worker in look()] == [revision] * WORKERS


async def load(books: Books, url: str, work: Coroutine[None, None, None]) -> None:
    """The clients, until `work` says that it is over. What one of them raises ends all."""
    async with asyncio.TaskGroup() as group:
        group.create_task(work)
        for clients, task in ((STREAMS, stream), (PLAIN, ask)):
            for provider, count in clients.items():
                for _ in range(count):
                    group.create_task(client(books, url, provider, task))


def test_a_hundred_revisions_disturb_nothing_that_they_do_not_touch(tmp_path: Path) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(HANGS):
            await scenario(tmp_path)

    asyncio.run(bounded())


async def scenario(tmp_path: Path) -> None:
    db, books = tmp_path / "store.db", Books()
    async with FakeUpstream(paced("steady")) as steady, FakeUpstream(paced("moving")) as moving:
        manifests = Manifests(db, steady.url, moving.url)
        with engine(db, manifests.folder) as apply:
            assert apply().revision == 1
            with running("serve", "--workers", str(WORKERS), db=db) as gateway:
                workers = gateway.pids()
                look = rows(db)
                await load(books, gateway.data_url, revise(books, manifests, apply, look))
                check_upstreams(books, look(), steady, moving)
                idle = STREAMS["moving"] + PLAIN["moving"]
                await until(lambda: moving.open_connections <= idle, "the end of the old connections")
                asked = books.streamed + books.answered
                await until(lambda: counted(gateway) == asked, "each request, counted once", pause=0.1)
                assert gateway.pids() == workers
                assert "Traceback" not in gateway.errors()
    if is_long():
        assert sorted(books.waited)[round(0.99 * REVISIONS) - 1] <= VISIBLE


def check_upstreams(
    books: Books, workers: tuple[WorkerRow, ...], steady: FakeUpstream, moving: FakeUpstream
) -> None:
    assert len(workers) == WORKERS
    for worker in workers:
        assert worker.refused == ()
        assert worker.builds == {f"Provider/{name}": builds[-1] for name, builds in books.builds.items()}
    assert books.builds["steady"] == books.builds["quiet"] == [1]
    clients = STREAMS["steady"] + PLAIN["steady"]
    assert steady.connections <= clients, "an untouched provider lost connections"
    assert moving.connections > clients


def counted(gateway: Running) -> float:
    return gateway.metric("routerctl_requests_total")
