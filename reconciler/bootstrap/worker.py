"""A gateway process: follows the store, serves the socket that it was given, and says what it serves.

Its settings are the first line of standard input, which stays open: where it ends, the supervisor has died, and the
worker finishes what it has under way and leaves. SIGTERM says the same; a line on it, that another has its place.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing

import uvloop

from reconciler.bootstrap.books import Books
from reconciler.bootstrap.health_link import HealthLink
from reconciler.bootstrap.http_server import HttpServer, http_server
from reconciler.bootstrap.provider_builds import WorkerBuilder
from reconciler.bootstrap.reporter import Reporter
from reconciler.bootstrap.worker_settings import RETIRE, WorkerSettings
from reconciler.clock import SystemClock
from reconciler.errors import RouterctlError, one_line
from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.counting import MemoryTally
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.limits.keeper import Keeper
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.egress import EgressGate, own_listeners
from reconciler.gateway.transport.http1.proxy import proxies
from reconciler.gateway.transport.pool import TransportPool
from reconciler.json_types import JsonObject
from reconciler.listener.sockets import accepting
from reconciler.listener.tls import server_tls
from reconciler.log import log_to_stderr
from reconciler.settings import environment
from reconciler.snapshot.follower import Follower
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry
from reconciler.store.events import HeadSignal
from reconciler.store.health_records import HealthRecords
from reconciler.store.ledger import Ledger
from reconciler.store.observations import FINISHING, Observations
from reconciler.store.reader import Reader
from reconciler.store.tally import Tally, tally_path

_STDIN = 0
_LOOK_SECONDS = 0.05
_BUG = 70
_COUNTED_EACH = 30
"""Heartbeats: what was counted is in the worker's file anyway, and folding it takes a while."""
_TURN_SECONDS = 0.0005
"""How long a thread that writes things down may keep the interpreter from the one that serves."""
_COLLECTED_AFTER = 10_000
"""Objects more than there were: some thousand streams."""

_log = logging.getLogger("reconciler.bootstrap.worker")  # its __name__ is __main__


async def serve(settings: WorkerSettings, environ: Mapping[str, str], control: int = _STDIN) -> None:
    """Serves until SIGTERM, or until the descriptor `control` ends. Raises StoreError where there is no store."""
    observations = Observations(settings.store.records_path)
    signal_ = HeadSignal(settings.store.config_path)
    with Reader(settings.store.config_path) as reader, closing(observations), closing(signal_):
        builder = WorkerBuilder(settings.store, reader, settings.reach, environ, observations.acknowledged)
        tally = _tally(settings)
        pool = TransportPool(proxies=proxies(environ), gate=EgressGate(own_listeners(settings.listeners)))
        registry, telemetry, memory = Registry(), Telemetry(tally), Memory()
        ledger = Ledger(settings.store.records_path, settings.instance, SystemClock())
        keeper = Keeper(ledger, memory.limiters)
        reporter = Reporter(
            observations,
            SystemClock(),
            settings.instance,
            os.getpid(),
            telemetry.snapshot,
            gauges=_gauges(telemetry, memory, lambda: server.should_exit),
            counted_each=1 if isinstance(tally, MemoryTally) else _COUNTED_EACH,
        )
        health = HealthLink(
            HealthRecords(observations), SystemClock(), settings.instance, memory.breakers, pool
        )
        follower = _follower(reader, signal_, builder, registry, reporter)
        books = Books(settings, telemetry, SystemClock(), environ)
        plane = data_plane(
            registry,
            pool,
            telemetry,
            hosts=settings.hosts,
            origins=settings.origins,
            memory=memory,
            closed=settings.closed,
        )
        keep = _keep(pool, memory)
        for hears in (keep, reporter.published, health.published, books.published, plane.published):
            registry.listen(hears)
        server = _server(plane, settings)
        server.last_words = pool.aclose
        reporting, looking, keeping = _task(reporter.run()), _task(health.run()), _task(keeper.run())
        books.start()
        try:
            await follower.catch_up()
            await health.take_over()
            await _answer(server, follower, settings.socket, control)
            await _drained(server, telemetry, settings.grace_seconds)
        finally:
            plane.close()
            await asyncio.to_thread(books.stop)  # before the last word: it counts what it writes
            health.end()
            keeper.end()
            await asyncio.gather(looking, keeping)
            reporter.end()
            await reporting
            if not isinstance(tally, MemoryTally):
                tally.close(remove=reporter.recorded)
        await pool.aclose()


def _server(plane: DataPlane, settings: WorkerSettings) -> HttpServer:
    return http_server(
        plane.app,
        hot=plane.hot,
        grace_seconds=settings.grace_seconds,
        tls=server_tls(settings.tls),
        among_others=settings.workers > 1,
    )


def _follower(
    reader: Reader, moved: HeadSignal, builder: WorkerBuilder, registry: Registry, reporter: Reporter
) -> Follower:
    follower = Follower(reader, moved, builder, registry, on_problem=reporter.wake, reread=builder.reread)
    reporter.ask(lambda: follower.problem)
    return follower


def _spare_the_collector() -> None:
    """What was imported stays, and a request leaves no cycles: looking through all of it again finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)


async def _answer(server: HttpServer, follower: Follower, descriptor: int, control: int) -> None:
    with _stopped_by(server, control):
        following = _task(follower.run())
        await server.serve(sockets=accepting(socket.socket(fileno=descriptor)))
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _drained(server: HttpServer, telemetry: Telemetry, grace: float) -> None:
    """What is read to its end after its client left has no connection any more that the server could wait for."""
    clock = asyncio.get_running_loop().time
    until = clock() + grace if server.farewell else (server.stopped_at or clock()) + grace
    while telemetry.in_flight and clock() < until:  # noqa: ASYNC110  counting it costs a request nothing
        await asyncio.sleep(_LOOK_SECONDS)


def _tally(settings: WorkerSettings) -> Tally | MemoryTally:
    """Where no file can be had, what was counted since the last heartbeat dies with a worker that is killed."""
    try:
        return Tally(tally_path(settings.store.records_path, settings.instance))
    except OSError as error:
        _log.warning("counters are kept in memory alone: %s", error.strerror)
        return MemoryTally()


def _gauges(telemetry: Telemetry, memory: Memory, leaves: Callable[[], bool]) -> Callable[[], JsonObject]:
    """What is so now, and `limits`: what the worker holds of them."""
    return lambda: {
        **telemetry.gauges(),
        "limits": memory.limiters.snapshot(),
        FINISHING: int(leaves()),
    }


def _keep(pool: TransportPool, memory: Memory) -> Callable[[Snapshot], None]:
    """After the swap: what the new snapshot does not hold finishes what it has under way, and is forgotten."""

    def keep(snapshot: Snapshot) -> None:
        upstreams = tuple(snapshot.upstreams.values())
        pool.enforce(snapshot)
        pool.keep(upstreams)
        memory.breakers.keep(upstreams)
        memory.balance.keep(snapshot)

    return keep


def _task(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(work)


class _stopped_by:  # noqa: N801  reads as a phrase where it is used
    """Stops the server at SIGTERM, and when the descriptor `control` ends; a line on it retires it."""

    def __init__(self, server: HttpServer, control: int) -> None:
        self._server = server
        self._control = control
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        self._loop.add_signal_handler(signal.SIGTERM, self._server.stop)
        os.set_blocking(self._control, False)
        self._loop.add_reader(self._control, self._read)

    def __exit__(self, *_exception: object) -> None:
        self._loop.remove_reader(self._control)
        self._loop.remove_signal_handler(signal.SIGTERM)

    def _read(self) -> None:
        try:
            said = os.read(self._control, 4096)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._loop.remove_reader(self._control)
            self._server.stop()
        elif RETIRE in said:
            self._server.retire()


def main() -> int:
    """The process's exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides, whatever a terminal sends
    settings = WorkerSettings.from_line(sys.stdin.buffer.readline())
    log_to_stderr(settings.log_level, settings.log_format)
    _spare_the_collector()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, environment()))
    except RouterctlError as error:
        _log.error("%s", one_line(str(error)))
        return error.exit_code
    except Exception:  # noqa: BLE001  the last resort: the log tells its places and not its message
        _log.exception("the worker ended with a bug")
        return _BUG
    return 0


if __name__ == "__main__":
    sys.exit(main())
