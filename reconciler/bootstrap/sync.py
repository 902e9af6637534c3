"""The process of `sync`: it follows a branch and makes the store equal to it. It serves nothing to LLM clients."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from socket import socket
from threading import Event

from reconciler.bootstrap.doors import door_of
from reconciler.bootstrap.facts import StoreFacts
from reconciler.bootstrap.following import Following, Target, ask, follow_branch
from reconciler.bootstrap.http_server import HttpServer, http_server, nothing_hot
from reconciler.bootstrap.recorder import Recorder
from reconciler.bootstrap.supervisor import say, tell
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import SystemClock
from reconciler.control.sync import Sync
from reconciler.control.watch import ReconcileLoop
from reconciler.listener.sockets import address_of, listen, parse_address
from reconciler.management.app import build_app
from reconciler.management.doorkeeper import Doorkeeper
from reconciler.management.hooks import GitHook
from reconciler.management.problems import guard_refusal
from reconciler.settings import Reach
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_ADMIN_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """What `sync` was told. Without `admin_listen` it has no listener."""

    store: StoreLocation
    following: Following
    environ: Mapping[str, str] = field(repr=False)
    once: bool = False
    admin_listen: str | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def run(settings: SyncSettings) -> int:
    """Until SIGINT or SIGTERM, or once; the exit code.

    Raises RouterctlError where it can't begin: no git, a taken port, a store that can't be used, another process that
    follows the same. A remote that can't be reached ends only what is to be done once.
    """
    return asyncio.run(_run(settings))


async def _run(settings: SyncSettings) -> int:
    clock, stopped = SystemClock(), Event()
    location, following = settings.store, settings.following
    with (
        _listening(settings.admin_listen) as admin,
        closing(open_writer(location, clock)) as writer,
        Reader(location.config_path) as reader,
        closing(Observations(location.records_path)) as observations,
    ):
        sync = follow_branch(following, Target(location, writer, reader, clock, settings.environ), stopped)
        recorder = Recorder(location.records_path, [following.branch.place], clock, tell)
        loop = ReconcileLoop(sync.step, recorder.report, resync_seconds=sync.pause)
        with sync.begun(anew=reader.head() == 0), _signals(loop, stopped), closing(recorder):
            if settings.once:
                return (await loop.once()).exit_code
            say(f"store {location.url} at revision {reader.head()}")
            say(f"following {following.branch.place}")
            door = door_of(location, reader, Reach.of(location.config_path.parent), clock)
            process = _Process(loop, StoreFacts(location, reader, observations, clock, lambda: ()), door)
            await process.run(admin, settings, sync)
            return 0


@contextmanager
def _listening(address: str | None) -> Iterator[socket | None]:
    bound = listen(parse_address(address), flag="--admin-listen") if address is not None else None
    with closing(bound) if bound is not None else nullcontext():
        yield bound


@contextmanager
def _signals(loop: ReconcileLoop, stopped: Event) -> Iterator[None]:
    """The first one lets a transaction finish and ends git; the second ends the process as it stands."""
    events = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def asked_to_stop() -> None:
        stopped.set()
        loop.end()
        for number in numbers:
            events.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        events.add_signal_handler(number, asked_to_stop)
    try:
        yield
    finally:
        for number in numbers:
            events.remove_signal_handler(number)
            signal.signal(number, before[number])


class _Process:
    """Fits management.app.Facts: of a process without workers, ready means that the branch was looked at."""

    def __init__(self, loop: ReconcileLoop, facts: StoreFacts, door: Doorkeeper) -> None:
        self._loop = loop
        self._door = door
        self._looked = False
        self.status = facts.status
        self.counters = facts.counters

    def not_ready(self) -> str | None:
        return None if self._looked else "the branch was not looked at yet"

    async def run(self, admin: socket | None, settings: SyncSettings, sync: Sync) -> None:
        if admin is None:
            await self._follow()
            return
        say(f"management on {address_of(admin).url}/status")
        secret = settings.following.hook_secret
        hook = GitHook(secret, partial(ask, sync, self._loop)) if secret is not None else None
        app = build_app(self, self._door, hosts=settings.hosts, origins=settings.origins, hook=hook)
        cold = nothing_hot(guard_refusal)
        await self._beside(http_server(app, grace_seconds=_ADMIN_GRACE_SECONDS, hot=cold), admin)

    async def _beside(self, management: HttpServer, admin: socket) -> None:
        """A listener that ends by itself ends the rest, and its error is raised."""
        listening = asyncio.create_task(management.serve(sockets=[admin]))
        following = asyncio.create_task(self._follow())
        try:
            await asyncio.wait([listening, following], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop.end()
            management.should_exit = True
            await asyncio.gather(listening, following)

    async def _follow(self) -> None:
        await self._loop.once()
        self._looked = True
        await self._loop.run()
