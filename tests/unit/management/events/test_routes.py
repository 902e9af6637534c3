import asyncio
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from fakes.store import SteppingClock, commit_all, open_writer, provider, put
from fakes.waiting import until
from starlette.applications import Starlette
from starlette.types import Message, Scope

from reconciler.bootstrap.answering import Answering
from reconciler.listener.access import Access
from reconciler.management.doorkeeper import PRINCIPAL
from reconciler.management.events.routes import routes
from reconciler.resources.principal import Principal, Role
from reconciler.store.records import RevisionMeta
from reconciler.store.url import parse

ADA = Principal("token:ada", Role.VIEWER)
BEN = Principal("token:ben", Role.VIEWER)


class Door:
    """Lets in as long as it is open."""

    open = True
    who = ADA

    async def check(self, scope: Scope, access: Access) -> None:
        assert access is Access.VIEWER
        scope[PRINCIPAL] = self.who

    def holds(self, who: Principal) -> bool:
        return self.open and who in {ADA, BEN}


class Watcher:
    """One request, and what was sent back so far."""

    def __init__(self, app: Starlette, query: str, headers: dict[str, str] | None = None) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.left = asyncio.Event()
        self._asked = False
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": "/v1/events",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b""}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.headers |= dict(message.get("headers", ()))
        self.body += message.get("body", b"")

    async def sees(self, text: bytes) -> None:
        await until(lambda: text in self.body or self.task.done(), text.decode())
        assert text in self.body

    async def leave(self) -> None:
        self.left.set()
        await self.task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    commit_all(tmp_path / "s.db", [put(provider("p"))])
    return tmp_path / "s.db"


def app_of(path: Path, door: Door, **bounds: float) -> Starlette:
    answering = Answering(parse(str(path)), {}, SteppingClock())
    most, of_one = int(bounds.get("most", 2)), int(bounds.get("of_one", 2))
    return Starlette(routes=routes(answering, door, most=most, of_one=of_one, pause=0.001))


def change(path: Path, name: str) -> None:
    with open_writer(path) as writer:
        writer.commit([put(provider(name))], base=writer_base(path), meta=RevisionMeta("ada", "apply"))


def writer_base(path: Path) -> int:
    with Answering(parse(str(path)), {}, SteppingClock()).open() as store:
        return store.records.head()


def run(watching: Callable[[], Any]) -> None:
    asyncio.run(watching())


def test_a_list_tells_where_it_ends(path: Path) -> None:
    async def asking() -> None:
        watcher = Watcher(app_of(path, Door()), "limit=5")
        await watcher.task
        assert watcher.status == 200
        assert b'"subject":"Provider/p"' in watcher.body
        assert b'"resourceVersion":"1.0"' in watcher.body
        odd = Watcher(app_of(path, Door()), "limit=none")
        await odd.task
        assert odd.status == 400

    run(asking)


def test_a_stream_tells_what_happens_from_then_on(path: Path) -> None:
    async def watching() -> None:
        watcher = Watcher(app_of(path, Door()), "watch=true")
        await watcher.sees(b": what happens from here on")
        await asyncio.to_thread(change, path, "q")
        await watcher.sees(b"id: 2.0\nevent: ADDED\ndata: ")
        assert b"Provider/q" in watcher.body
        assert b"Provider/p" not in watcher.body
        await watcher.sees(b": still there")
        await watcher.leave()
        again = Watcher(app_of(path, Door()), "watch=true", {"last-event-id": "1.0"})
        await again.sees(b"Provider/q")
        await again.leave()

    run(watching)


def test_of_several_at_once_none_is_lost_to_who_is_cut_off(path: Path) -> None:
    async def watching() -> None:
        change(path, "q")
        watcher = Watcher(app_of(path, Door()), "watch=true&after=0")
        await watcher.sees(b"id: 2.0\nevent: ADDED")
        await watcher.leave()
        assert watcher.body.index(b"id: 0.0\nevent: ADDED") < watcher.body.index(b"id: 2.0")

    run(watching)


def test_it_ends_with_the_right_of_who_opened_it(path: Path) -> None:
    async def watching() -> None:
        door = Door()
        watcher = Watcher(app_of(path, door), "watch=true")
        await watcher.sees(b": what happens")
        door.open = False
        await watcher.sees(b"event: Ended\n")
        await watcher.task
        assert b"token:ada is let in no more" in watcher.body

    run(watching)


def test_who_watches_keeps_no_gateway_from_its_end(path: Path) -> None:
    stopping = asyncio.Event()

    async def watching() -> None:
        answering = Answering(parse(str(path)), {}, SteppingClock())
        watched = routes(answering, Door(), pause=0.001, stopping=stopping.is_set)
        watcher = Watcher(Starlette(routes=watched), "watch=true")
        await watcher.sees(b": what happens")
        stopping.set()
        await watcher.task
        assert b"Ended" not in watcher.body, "it goes on with the next one"

    run(watching)


def test_a_store_that_fails_ends_it_in_words(path: Path) -> None:
    async def watching() -> None:
        watcher = Watcher(app_of(path, Door()), "watch=true")
        await watcher.sees(b": what happens")
        for each in path.parent.glob("s.db*"):
            each.unlink()
        await watcher.sees(b"event: Ended\n")
        assert b"store_error" in watcher.body
        await watcher.task

    run(watching)


def test_so_many_watch_at_once(path: Path) -> None:
    async def watching() -> None:
        app = app_of(path, Door(), most=1)
        first = Watcher(app, "watch=true")
        await first.sees(b": what happens")
        second = Watcher(app, "watch=true")
        await second.task
        assert (second.status, second.headers[b"retry-after"]) == (503, b"5")
        await first.leave()
        third = Watcher(app, "watch=true")
        await third.sees(b": what happens")
        await third.leave()

    run(watching)


def test_none_holds_all_places(path: Path) -> None:
    async def watching() -> None:
        door = Door()
        app = app_of(path, door, most=3)
        at_once = [Watcher(app, "watch=true") for _ in range(4)]
        refused = at_once[2:]
        for each in refused:
            await each.task
            assert (each.status, each.headers[b"retry-after"]) == (429, b"5")
            assert b"token:ada watches 2 times already" in each.body
        door.who = BEN
        other = Watcher(app, "watch=true")
        await other.sees(b": what happens")
        door.who = ADA
        for each in at_once[:2]:
            await each.sees(b": what happens")
            await each.leave()
        again = Watcher(app, "watch=true")
        await again.sees(b": what happens")
        for each in (again, other):
            await each.leave()

    run(watching)


def test_who_can_not_begin_holds_no_place(path: Path) -> None:
    async def watching() -> None:
        kept = await asyncio.to_thread(path.rename, path.with_suffix(".kept"))
        app = app_of(path, Door(), most=1)
        failed = Watcher(app, "watch=true")
        await failed.task
        assert failed.status == 503
        await asyncio.to_thread(kept.rename, path)
        watcher = Watcher(app, "watch=true")
        await watcher.sees(b": what happens")
        await watcher.leave()

    run(watching)
