"""A management listener of a store, in a thread of this process. See `managed`."""

import asyncio
from contextlib import ExitStack, closing
from threading import Event, Thread

from fakes.waiting import joined

from reconciler.bootstrap.doors import door_of
from reconciler.bootstrap.facts import StoreFacts
from reconciler.bootstrap.http_server import HttpServer, http_server, nothing_hot
from reconciler.bootstrap.ports import ports_of
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import SystemClock, timestamp
from reconciler.listener.sockets import listen, parse_address
from reconciler.management.app import build_app
from reconciler.management.problems import guard_refusal
from reconciler.resources.principal import Role
from reconciler.secrets.key_text import mint
from reconciler.settings import Reach, environment
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.tokens import Token
from reconciler.store.url import StoreLocation


def make_store(location: StoreLocation) -> None:
    open_writer(location, SystemClock()).close()


def make_token(
    location: StoreLocation,
    name: str,
    role: str,
    namespaces: tuple[str, ...] | None,
    managers: tuple[str, ...],
) -> str:
    """Its text."""
    minted, clock = mint("rt"), SystemClock()
    token = Token(
        minted.id, name, minted.hash, Role(role), managers, namespaces, timestamp(clock.now()), "test"
    )
    with closing(open_writer(location, clock)) as writer:
        writer.add_token(token)
    return minted.text


class Listener:
    """A management listener of a store that is there. Close it."""

    def __init__(self, location: StoreLocation) -> None:
        self._stack = ExitStack()
        self._socket = self._stack.enter_context(
            closing(listen(parse_address("127.0.0.1:0"), flag="--admin-listen"))
        )
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        reader = self._stack.enter_context(Reader(location.config_path))
        observations = self._stack.enter_context(closing(Observations(location.records_path)))
        clock, reach = SystemClock(), Reach.of(location.config_path.parent)
        self._app = build_app(
            StoreFacts(location, reader, observations, clock, tuple),
            door_of(location, reader, reach, clock),
            ports=ports_of(location, environment(), observations, clock, reach),
        )
        self._server: HttpServer | None = None
        self._begun = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._begun.wait(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = http_server(self._app, grace_seconds=0, hot=nothing_hot(guard_refusal))
        self._loop.call_soon(self._begun.set)
        await self._server.serve(sockets=[self._socket])

    def close(self) -> None:
        if self._thread.is_alive() and self._server is not None:
            self._loop.call_soon_threadsafe(self._server.stop)
        joined(self._thread)
        self._stack.close()
