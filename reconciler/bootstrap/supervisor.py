"""The process of `up` and `serve`: it keeps the gateway workers running, tells how they do, and reconciles.

It binds both sockets before anything else, so that a taken port is known at once. Workers accept from the data
plane's socket, which this process holds open: a connection that comes while a worker is replaced waits for the next.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from socket import socket

from reconciler.bootstrap.facts import StoreFacts, put_away
from reconciler.bootstrap.http_server import http_server
from reconciler.bootstrap.reports import lines, source_status
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.bootstrap.workers import Workers
from reconciler.bootstrap.writing import cipher_for_sealing, open_writer
from reconciler.clock import Clock, SystemClock, timestamp
from reconciler.control.reconcile import Reconciler, Result
from reconciler.control.watch import ReconcileLoop, watch
from reconciler.errors import RouterctlError
from reconciler.listener.sockets import address_of, listen, parse_address
from reconciler.management.app import build_app
from reconciler.settings import DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, Reach
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.source_status import SourceStatus, put
from reconciler.store.url import StoreLocation
from reconciler.store.writer import Writer

_HOUSEKEEPING_SECONDS = 10.0
_FORGET_SECONDS = 60.0
"""Rows of workers that died with their supervisor are put away after so long without a heartbeat."""
_ADMIN_GRACE_SECONDS = 5
_INTERRUPTED = 130

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SupervisorSettings:
    """What `up` and `serve` were told. `paths` are those of `up`; `serve` has none."""

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


@dataclass(frozen=True, slots=True)
class Stores:
    """The open halves of one store. The writer belongs to the reconcile loop."""

    writer: Writer
    reader: Reader
    observations: Observations


def run(settings: SupervisorSettings) -> int:
    """Serves until SIGINT or SIGTERM; the exit code. A second signal does not wait for what is under way.

    Raises RouterctlError where it can't begin: a taken port, a store that can't be used. Manifests that can't be
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
            _worker_settings(settings, data),
            clock,
            died=partial(put_away, stores.observations),
        )
        self._loop = self._reconcile_loop()
        self._last: SourceStatus | None = None

    async def run(self) -> int:
        facts = StoreFacts(
            self._settings.store, self._stores.reader, self._stores.observations, self._clock, self._started
        )
        app = build_app(facts, hosts=self._settings.hosts, origins=self._settings.origins)
        management = http_server(app, grace_seconds=_ADMIN_GRACE_SECONDS)
        with self._signals():
            listening = asyncio.create_task(management.serve(sockets=[self._admin]))
            try:
                return await self._serve(listening)
            finally:
                management.should_exit = True
                await listening

    async def _serve(self, listening: "asyncio.Task[None]") -> int:
        if self._loop is not None:
            first = await self._loop.once()
            if first.failed and self._stores.reader.head() == 0:
                return first.exit_code
        if not self._stop.is_set():
            self._announce()
            await self._until_stopped(listening)
        return _INTERRUPTED if self._forced else 0

    async def _until_stopped(self, listening: "asyncio.Task[None]") -> None:
        """Ends what it starts in any case; raises what one of them ended with."""
        asked = asyncio.create_task(self._stop.wait())
        finished = [asyncio.create_task(each) for each in (self._workers.run(), *self._reconciling())]
        cancelled = [asyncio.create_task(each) for each in (self._housekeeping(), *self._watching())]
        tasks = [listening, *finished, *cancelled]
        await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in tasks if task.done()]
        self._stop.set()
        self._data.close()  # from now on a new connection is refused, not left waiting
        for task in (asked, *cancelled):
            task.cancel()
        if self._loop is not None:
            self._loop.end()
        await self._workers.stop()
        await asyncio.gather(asked, *finished, *cancelled, return_exceptions=True)
        for task in ended:
            task.result()

    def _started(self) -> tuple[str, ...]:
        return () if self._stop.is_set() else self._workers.instances

    def _announce(self) -> None:
        settings, revision = self._settings, self._stores.reader.head()
        workers = f"{settings.workers} worker" + ("s" if settings.workers != 1 else "")
        say(f"store {settings.store.url} at revision {revision}")
        say(f"serving {address_of(self._data).url}/v1 with {workers}")
        say(f"management on {address_of(self._admin).url}/status and /metrics")
        if settings.paths:
            watched = ", watched" if settings.watch else ""
            say(f"manifests {', '.join(settings.paths)}{watched}")

    # -- manifests ---------------------------------------------------------------------------------------------------

    def _reconcile_loop(self) -> ReconcileLoop | None:
        settings, stores = self._settings, self._stores
        if not settings.paths:
            return None
        reconciler = Reconciler(
            settings.paths,
            records=stores.reader,
            known_sources=lambda: sorted(stores.reader.sources()),
            committer=stores.writer,
            cipher=lambda: cipher_for_sealing(settings.store, settings.environ, stores.reader),
            clock=self._clock,
            explicit_source=settings.source,
            prune=settings.prune,
        )
        return ReconcileLoop(reconciler.reconcile, self._report, resync_seconds=settings.resync_seconds)

    def _reconciling(self) -> Iterator[Coroutine[None, None, None]]:
        if self._loop is not None and self._settings.watch:
            yield self._loop.run()

    def _watching(self) -> Iterator[Coroutine[None, None, None]]:
        store = self._settings.store
        if self._loop is not None and self._settings.watch:
            ignored = (str(store.config_path), str(store.records_path))
            yield watch(self._settings.paths, self._loop.request, ignored=ignored)

    def _report(self, result: Result) -> None:
        paths = [str(Path(path).absolute()) for path in self._settings.paths]
        now = source_status(result, paths, timestamp(self._clock.now()))
        for line in lines(now, self._last):
            say(line)
        self._last = now
        try:
            put(self._settings.store.records_path, now)
        except RouterctlError as error:
            _log.warning("how the manifests do can't be recorded: %s", error.message)

    # -- the process -------------------------------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            self._forced = True
            self._workers.kill()
            return
        self._stop.set()
        say("stopping; what is under way is finished first")

    async def _housekeeping(self) -> None:
        while True:
            before = self._clock.now().timestamp() - _FORGET_SECONDS
            try:
                await asyncio.to_thread(self._stores.observations.forget, before)
            except RouterctlError as error:
                _log.warning("rows of old workers can't be put away: %s", error.message)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)


def _worker_settings(settings: SupervisorSettings, data: socket) -> WorkerSettings:
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
    )


def say(line: str) -> None:
    """A line for whoever started the process; nobody may read any more, and that stops nothing."""
    with suppress(OSError):
        sys.stderr.write(f"routerctl: {line}\n")
        sys.stderr.flush()
