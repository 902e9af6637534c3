"""GET /v1/events: a list, or with ?watch=true a stream of server-sent events (WHATWG HTML, 9.2).

The id of an event is its place, so that who was cut off goes on behind it with Last-Event-ID. A comment now and then keeps
proxies from taking silence for an end.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from reconciler.control.event_log import Entry, entry_json
from reconciler.errors import RouterctlError, Unreachable
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management import problems
from reconciler.management.doorkeeper import principal
from reconciler.management.events.asking import OPERATION, Wanted, wanted
from reconciler.management.events.log import Place, behind, newest
from reconciler.management.questions.answer import Answering
from reconciler.management.rest import answers, parameters
from reconciler.resources.principal import Principal

PATH = "/v1/events"
MOST_WATCHERS = 64
MOST_OF_ONE = 16
"""Of one principal's, so that none holds all."""
_RETRY_SECONDS = 5
_LOOK_SECONDS = 0.5
_KEEP_ALIVE_LOOKS = 30
_STREAM = "text/event-stream"


class Door(Protocol):
    async def check(self, scope: Scope, access: Access) -> None: ...

    def holds(self, who: Principal) -> bool:
        """Whether who was let in would be again now. Blocks."""
        ...


def routes(
    answering: Answering,
    door: Door,
    *,
    most: int = MOST_WATCHERS,
    of_one: int = MOST_OF_ONE,
    pause: float = _LOOK_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
) -> list[DeclaredRoute]:
    """At `most` so many watch at once, `of_one` principal so many; each looks after a `pause`, in seconds.

    Who watches keeps no gateway from `stopping`: the stream ends, and whoever comes back goes on behind the last event.
    """
    views = _Events(answering, door, most, of_one, pause, stopping)
    return [
        DeclaredRoute(
            PATH, views.events, methods=("GET",), access=Access.VIEWER, check=door.check, operation=OPERATION
        )
    ]


@dataclass
class _Events:
    answering: Answering
    door: Door
    most: int
    of_one: int
    pause: float
    stopping: Callable[[], bool]
    watchers: Counter[str] = field(default_factory=Counter)

    async def events(self, request: Request) -> Response:
        try:
            given = parameters.read(request, OPERATION.parameters)
            return await self._answer(request, principal(request.scope), given)
        except RouterctlError as error:
            wait = {"retry-after": str(_RETRY_SECONDS)} if isinstance(error, Unreachable) else None
            return answers.problem_response(problems.of_error(error), wait)

    async def _answer(self, request: Request, who: Principal, given: Mapping[str, str]) -> Response:
        asked = wanted(given, request.headers.get("last-event-id"))
        if not asked.watch:
            found, end = await run_in_threadpool(self._behind, who, asked, asked.place or Place())
            told: JsonObject = {
                "items": [entry_json(entry) for entry in found],
                "resourceVersion": str(end),
            }
            return answers.response(answers.Answer(told))
        self._enter(who)
        try:
            place = asked.place if asked.place is not None else await run_in_threadpool(self._newest)
        except BaseException:
            self._leave(who)
            raise
        return _Watch(self._stream(who, asked, place), lambda: self._leave(who))

    def _enter(self, who: Principal) -> None:
        """Before anything is waited for, so that many who come at once are counted, too."""
        if self.watchers[who.name] >= self.of_one:
            raise problems.TooMany(
                f"{who.name} watches {self.of_one} times already, and may no more at once",
                hint="end one of them, or try again later",
            )
        if self.watchers.total() >= self.most:
            raise Unreachable(f"{self.most} watch already, and more are not served", hint="try again later")
        self.watchers[who.name] += 1

    def _leave(self, who: Principal) -> None:
        self.watchers[who.name] -= 1
        if not self.watchers[who.name]:
            del self.watchers[who.name]

    async def _stream(self, who: Principal, asked: Wanted, place: Place) -> AsyncIterator[bytes]:
        try:
            yield b": what happens from here on\n\n"
            looks = 0
            while await run_in_threadpool(self.door.holds, who):
                begin = place
                found, place = await run_in_threadpool(self._behind, who, asked, begin)
                if found:
                    yield b"".join([*(_event(each, begin) for each in found[:-1]), _event(found[-1], place)])
                looks = 0 if found else looks + 1
                if looks >= _KEEP_ALIVE_LOOKS:
                    looks = 0
                    yield b": still there\n\n"
                await asyncio.sleep(self.pause)
                if self.stopping():
                    return
            yield _ending(problems.problem(401, "not_authenticated", f"{who.name} is let in no more"))
        except RouterctlError as error:
            yield _ending(problems.of_error(error))

    def _newest(self) -> Place:
        with self.answering.open() as store:
            return newest(store)

    def _behind(self, who: Principal, asked: Wanted, place: Place) -> tuple[list[Entry], Place]:
        with self.answering.open() as store:
            found, end = behind(store, who, asked.sought, place, asked.limit)
        return [*found], end


class _Watch(StreamingResponse):
    """Ends with the connection, also where that is gone before anything was sent."""

    def __init__(self, stream: AsyncIterator[bytes], left: Callable[[], None]) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(stream, 200, headers, _STREAM)
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left()


def _event(entry: Entry, place: Place) -> bytes:
    """Of several that are told at once, all but the last have the `place` before them: who is cut off between two is told
    some of them again, and misses none.
    """
    data = json.dumps(entry_json(entry), separators=(",", ":"))
    return f"id: {place}\nevent: {entry.type}\ndata: {data}\n\n".encode()


def _ending(problem: Mapping[str, object]) -> bytes:
    return f"event: Ended\ndata: {json.dumps(problem)}\n\n".encode()
