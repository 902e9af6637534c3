"""The process of `up` and `serve`: it keeps the gateway workers running, tells how they do, and reconciles.

It binds both sockets before anything else, so that a taken port is known at once. Workers accept from the data
plane's socket, which this process holds open: a connection that comes while a worker is replaced waits for the next.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import SystemRandom
from socket import socket
from threading import Event

from reconciler.bootstrap import legacy
from reconciler.bootstrap.acknowledgements import Acknowledgements, News, follow
from reconciler.bootstrap.doors import door_of, issuer_keys
from reconciler.bootstrap.exposure import ClosedListener, is_exposed, require_keys
from reconciler.bootstrap.facts import StoreFacts, put_all_away, put_away
from reconciler.bootstrap.following import Following, Target, ask, follow_branch
from reconciler.bootstrap.forgotten_spending import forgotten_spending
from reconciler.bootstrap.health_webhook import telling
from reconciler.bootstrap.http_server import http_server, nothing_hot
from reconciler.bootstrap.noticing import Noticing
from reconciler.bootstrap.ports import ports_of
from reconciler.bootstrap.reading_files import step_of, watched
from reconciler.bootstrap.recorder import Recorder
from reconciler.bootstrap.reloading import Reloading
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.bootstrap.workers import Workers
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import Clock, SystemClock
from reconciler.control.proposal import DEFAULT, Guards
from reconciler.control.sync import Sync
from reconciler.control.watch import ReconcileLoop, backing_off, watch
from reconciler.errors import RouterctlError, StoreError
from reconciler.listener.sockets import address_of, listen, parse_address
from reconciler.listener.tls import TLSFiles, server_tls
from reconciler.log import ANNOUNCER, format_in_use
from reconciler.management.app import build_app
from reconciler.management.hooks import GitHook
from reconciler.management.problems import guard_refusal
from reconciler.settings import DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, Reach
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.reloads import Reloads
from reconciler.store.url import StoreLocation
from reconciler.store.writer import Writer

_HOUSEKEEPING_SECONDS = 10.0
_FORGET_SECONDS = 60.0
"""Rows of workers that died with their supervisor are put away after so long without a heartbeat."""
_ADMIN_GRACE_SECONDS = 5
_INTERRUPTED = 130

_log = logging.getLogger(__name__)
_announcer = logging.getLogger(ANNOUNCER)


@dataclass(frozen=True, slots=True)
class SupervisorSettings:
    """What `up` and `serve` were told. `up` has `paths`, or a branch that it is `following`; `serve` has none."""

    store: StoreLocation
    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    paths: tuple[str, ...] = ()
    watch: bool = False
    prune: bool = False
    source: str | None = None
    resync_seconds: float = 30.0
    listen: str = DEFAULT_LISTEN
    admin_listen: str = DEFAULT_ADMIN_LISTEN
    workers: int = 1
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    grace_seconds: int = 30
    access_log: float | None = None
    following: Following | None = None
    guards: Guards = DEFAULT
    tls: TLSFiles | None = None
    admin_tls: TLSFiles | None = None
    unauthenticated: bool = False
    """Whether others may ask without a key."""
    legacy: bool = False
    """Whether `paths` are another system's files."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The open halves of one store. The writer belongs to the reconcile loop."""

    writer: Writer
    reader: Reader
    observations: Observations


def run(settings: SupervisorSettings) -> int:
    """Serves until SIGINT or SIGTERM; the exit code. A second signal does not wait for what is under way.

    Raises RouterctlError where it can't begin: a taken port, a store or certificate that can't be used. Manifests that can't be
    applied end it only where nothing is stored that could be served.
    """
    return asyncio.run(_run(settings))


async def _run(settings: SupervisorSettings) -> int:
    clock = SystemClock()
    with (
        closing(listen(parse_address(settings.listen), flag="--listen")) as data,
        closing(listen(parse_address(settings.admin_listen), flag="--admin-listen")) as admin,
        _open_stores(settings, clock) as stores,
    ):
        return await _Supervisor(settings, data, admin, stores, clock).run()


@contextmanager
def _open_stores(settings: SupervisorSettings, clock: Clock) -> Iterator[Stores]:
    """The store is made where there is none: `serve` may come before the first `apply`."""
    location = settings.store
    with (
        closing(open_writer(location, clock)) as writer,
        Reader(location.config_path) as reader,
        closing(Observations(location.records_path)) as observations,
    ):
        yield Stores(writer, reader, observations)


class _Supervisor:
    def __init__(
        self, settings: SupervisorSettings, data: socket, admin: socket, stores: Stores, clock: Clock
    ) -> None:
        self._settings = settings
        self._data = data
        self._admin = admin
        self._stores = stores
        self._clock = clock
        self._stop = asyncio.Event()
        self._forced = False
        self._workers = Workers(
            settings.workers,
            _worker_settings(settings, data, admin),
            clock,
            died=partial(put_away, stores.observations, settings.store.records_path),
        )
        self._reloading = Reloading(
            str(os.getpid()), Reloads(stores.observations), self._workers, self._serves, tell
        )
        self._tls, self._admin_tls = server_tls(settings.tls), server_tls(settings.admin_tls)
        may_close = is_exposed(address_of(data)) and not settings.unauthenticated
        self._closed = ClosedListener(address_of(data), stores.reader, tell) if may_close else None
        self._own = tuple((each.host, each.port) for each in map(address_of, (data, admin)))
        self._issuer = issuer_keys(stores.reader, settings.reach, clock)
        self._git_stopped = Event()
        self._at_end = ExitStack()
        self._sync = self._followed()
        self._loop = self._reconcile_loop()

    async def run(self) -> int:
        facts = StoreFacts(
            self._settings.store, self._stores.reader, self._stores.observations, self._clock, self._started
        )
        settings, reader = self._settings, self._stores.reader
        door = door_of(settings.store, reader, settings.reach, self._clock, self._issuer)
        shown, stopping = self._stores.observations, self._stop.is_set
        ports = ports_of(
            settings.store, settings.environ, shown, self._clock, settings.reach, self._own, stopping
        )
        app = build_app(
            facts, door, hosts=settings.hosts, origins=settings.origins, hook=self._hook(), ports=ports
        )
        cold, grace = nothing_hot(guard_refusal), _ADMIN_GRACE_SECONDS
        management = http_server(app, grace_seconds=grace, hot=cold, tls=self._admin_tls)
        anew = self._stores.reader.head() == 0
        begun = self._sync.begun(anew=anew) if self._sync is not None else nullcontext()
        with begun, self._signals(), self._at_end:
            listening = asyncio.create_task(management.serve(sockets=[self._admin]))
            try:
                return await self._serve(listening)
            finally:
                management.should_exit = True
                await listening

    async def _serve(self, listening: "asyncio.Task[None]") -> int:
        await asyncio.to_thread(self._stores.reader.state)  # what workers could not read is known now
        if self._loop is not None:
            first = await self._loop.once()
            if first.failed and self._stores.reader.head() == 0 and self._sync is None:
                return first.exit_code
        if not self._settings.unauthenticated:
            require_keys(address_of(self._data), self._stores.reader.state())
        if not self._stop.is_set():
            self._announce()
            await self._until_stopped(listening)
        return _INTERRUPTED if self._forced else 0

    async def _until_stopped(self, listening: "asyncio.Task[None]") -> None:
        """Ends what it starts in any case; raises what one of them ended with."""
        store, reach, environ = self._settings.store, self._settings.reach, self._settings.environ
        asked = asyncio.create_task(self._stop.wait())
        finished = [asyncio.create_task(each) for each in (self._workers.run(), *self._reconciling())]
        cancelled = [
            asyncio.create_task(each)
            for each in (
                self._housekeeping(),
                self._listening_to_workers(),
                self._reloading.run(),
                telling(store, self._stores.observations, reach, environ, self._clock, self._own),
                *([self._closed.watch()] if self._closed is not None else []),
                *(each.keep() for each in (self._tls, self._admin_tls) if each is not None),
                self._noticing().run(),
                *self._watching(),
            )
        ]
        tasks = [listening, *finished, *cancelled]
        await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in tasks if task.done()]
        self._stop.set()
        self._data.close()  # from now on a new connection is refused, not left waiting
        for task in (asked, *cancelled):
            task.cancel()
        self._git_stopped.set()
        if self._loop is not None:
            self._loop.end()
        await self._workers.stop()
        await asyncio.gather(asked, *finished, *cancelled, return_exceptions=True)
        for task in ended:
            task.result()

    def _noticing(self) -> Noticing:
        parts = {
            "listener": self._closed,
            "tls": self._tls,
            "admin-tls": self._admin_tls,
            "issuer": self._issuer,
        }
        return Noticing(self._stores.observations, str(os.getpid()), self._clock, parts)

    def _started(self) -> tuple[str, ...]:
        return () if self._stop.is_set() else self._workers.instances

    def _announce(self) -> None:
        settings, revision = self._settings, self._stores.reader.head()
        say(f"store {settings.store.url} at revision {revision}")
        with suppress(StoreError):  # who serves says what is wrong with that file
            state, records = self._stores.reader.state(), settings.store.records_path
            forgotten = forgotten_spending(state, records, self._clock)
            if forgotten is not None:
                _announcer.warning("%s", forgotten)
        say(
            f"management on {address_of(self._admin).url_by(_scheme(settings.admin_tls))}/status and /metrics"
        )
        if settings.legacy:
            _announcer.warning("%s", legacy.warning(settings.paths))
        elif settings.paths:
            watched = ", watched" if settings.watch else ""
            say(f"manifests {', '.join(settings.paths)}{watched}")
        if settings.following is not None:
            say(f"following {settings.following.branch.place}")

    async def _listening_to_workers(self) -> None:
        count = self._settings.workers
        workers = f"{count} worker" + ("s" if count != 1 else "")
        url = address_of(self._data).url_by(_scheme(self._settings.tls))
        told = Acknowledgements(f"serving {url}/v1 with {workers}")
        await follow(told, self._own_workers, tell, self._clock)

    def _own_workers(self) -> Sequence[WorkerRow]:
        own = set(self._started())
        return [row for row in self._stores.observations.workers(counted=False) if row.instance in own]

    def _serves(self, instance: str) -> bool:
        rows = self._stores.observations.workers(counted=False)
        return any(row.instance == instance and row.serving for row in rows)

    # -- manifests ---------------------------------------------------------------------------------------------------

    def _reconcile_loop(self) -> ReconcileLoop | None:
        settings = self._settings
        if self._sync is not None and settings.following is not None:
            report = self._recorder([settings.following.branch.place]).report
            return ReconcileLoop(self._sync.step, report, resync_seconds=self._sync.pause)
        if not settings.paths:
            return None
        recorder = self._recorder([str(Path(path).absolute()) for path in settings.paths])
        return backing_off(
            step_of(
                self._target(),
                settings.paths,
                settings.source,
                prune=settings.prune,
                guards=settings.guards,
                legacy=settings.legacy,
            ),
            recorder.report,
            resync_seconds=settings.resync_seconds,
            chance=SystemRandom().random,
        )

    def _followed(self) -> Sync | None:
        following = self._settings.following
        return follow_branch(following, self._target(), self._git_stopped) if following is not None else None

    def _target(self) -> Target:
        stores, settings = self._stores, self._settings
        return Target(settings.store, stores.writer, stores.reader, self._clock, settings.environ)

    def _recorder(self, paths: Sequence[str]) -> Recorder:
        recorder = Recorder(self._settings.store.records_path, paths, self._clock, tell)
        return self._at_end.enter_context(closing(recorder))

    def _hook(self) -> GitHook | None:
        secret = self._settings.following.hook_secret if self._settings.following is not None else None
        if secret is None or self._sync is None or self._loop is None:
            return None
        return GitHook(secret, partial(ask, self._sync, self._loop))

    def _reconciling(self) -> Iterator[Coroutine[None, None, None]]:
        if self._loop is not None and (self._settings.watch or self._sync is not None):
            yield self._loop.run()

    def _watching(self) -> Iterator[Coroutine[None, None, None]]:
        store = self._settings.store
        if self._loop is not None and self._settings.watch and self._settings.paths:
            ignored = (str(store.config_path), str(store.records_path), str(store.traffic_path))
            yield watch(watched(self._settings.paths), self._loop.request, ignored=ignored)

    # -- the process -------------------------------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reloading.ask)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            self._forced = True
            self._workers.kill()
            return
        self._stop.set()
        self._git_stopped.set()
        say("stopping; what is under way is finished first")

    async def _housekeeping(self) -> None:
        records = self._settings.store.records_path
        while True:
            before = self._clock.now().timestamp() - _FORGET_SECONDS
            try:
                await asyncio.to_thread(put_all_away, self._stores.observations, records, before)
            except RouterctlError as error:
                _log.warning("rows of old workers can't be put away: %s", error.message)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)


def _worker_settings(settings: SupervisorSettings, data: socket, admin: socket) -> WorkerSettings:
    """Of all workers; each gets an instance of its own."""
    return WorkerSettings(
        instance="",
        socket=data.fileno(),
        store=settings.store,
        reach=settings.reach,
        hosts=settings.hosts,
        origins=settings.origins,
        grace_seconds=settings.grace_seconds,
        log_level=logging.getLogger().getEffectiveLevel(),
        log_format=format_in_use(),
        access_log=settings.access_log,
        listeners=tuple((each.host, each.port) for each in map(address_of, (data, admin))),
        tls=settings.tls,
        closed=not settings.unauthenticated and is_exposed(address_of(data)),
        workers=settings.workers,
    )


def _scheme(tls: TLSFiles | None) -> str:
    return "http" if tls is None else "https"


def say(line: str) -> None:
    """A line for whoever started the process."""
    tell(News(logging.INFO, line))


def tell(news: News) -> None:
    _announcer.log(news.level, "%s", news.text, extra={"fields": news.fields})
