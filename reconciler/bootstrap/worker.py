"""A gateway process: follows the store, serves the socket that it was given, and says what it serves.

Its settings are the first line of standard input, which stays open: where it ends, the supervisor has died, and the
worker finishes what it has under way and leaves. SIGTERM says the same.
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

from reconciler.bootstrap.http_server import HttpServer, http_server
from reconciler.bootstrap.provider_builds import WorkerBuilder
from reconciler.bootstrap.reporter import Reporter
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.clock import SystemClock
from reconciler.errors import RouterctlError, one_line
from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.telemetry import MemoryTally, Telemetry
from reconciler.gateway.transport.http1.proxy import proxies
from reconciler.gateway.transport.pool import TransportPool
from reconciler.json_types import JsonObject
from reconciler.log import log_to_stderr
from reconciler.settings import environment
from reconciler.snapshot.follower import Follower
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry
from reconciler.store.events import HeadSignal
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.tally import Tally, tally_path

_STDIN = 0
_BUG = 70
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
        pool = TransportPool(proxies=proxies(environ))
        registry, telemetry, memory = Registry(), Telemetry(tally), Memory()
        counters = _counters(telemetry, memory)
        reporter = Reporter(observations, SystemClock(), settings.instance, os.getpid(), counters)
        follower = Follower(reader, signal_, builder, registry, on_problem=reporter.wake)
        reporter.ask(lambda: follower.problem)
        registry.listen(_keep(pool, memory))
        registry.listen(reporter.published)
        plane = data_plane(
            registry,
            pool,
            telemetry,
            hosts=settings.hosts,
            origins=settings.origins,
            memory=memory,
        )
        server = http_server(plane.app, hot=plane.hot, grace_seconds=settings.grace_seconds)
        reporting = _task(reporter.run())
        try:
            await follower.catch_up()
            await _answer(server, follower, settings.socket, control)
        finally:
            reporter.end()
            await reporting
            if not isinstance(tally, MemoryTally):
                tally.close(remove=reporter.recorded)
        await pool.aclose()


def _spare_the_collector() -> None:
    """What was imported stays, and a request leaves no cycles: looking through all of it again finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)


async def _answer(server: HttpServer, follower: Follower, descriptor: int, control: int) -> None:
    def stop() -> None:
        server.should_exit = True

    with _stopped_by(stop, control):
        following = _task(follower.run())
        await server.serve(sockets=[socket.socket(fileno=descriptor)])
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def _tally(settings: WorkerSettings) -> Tally | MemoryTally:
    """Where no file can be had, what was counted since the last heartbeat dies with a worker that is killed."""
    try:
        return Tally(tally_path(settings.store.records_path, settings.instance))
    except OSError as error:
        _log.warning("counters are kept in memory alone: %s", error.strerror)
        return MemoryTally()


def _counters(telemetry: Telemetry, memory: Memory) -> Callable[[], JsonObject]:
    """What the worker counted, and `circuits_open`: 1 for each provider that it leaves alone."""

    def counters() -> JsonObject:
        left_alone = memory.breakers.open(asyncio.get_running_loop().time())
        return {**telemetry.snapshot(), "circuits_open": dict.fromkeys(left_alone, 1)}

    return counters


def _keep(pool: TransportPool, memory: Memory) -> Callable[[Snapshot], None]:
    """After the swap: what the new snapshot does not hold finishes what it has under way, and is forgotten."""

    def keep(snapshot: Snapshot) -> None:
        upstreams = tuple(snapshot.upstreams.values())
        pool.keep(upstreams)
        memory.breakers.keep(upstreams)

    return keep


def _task(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(work)


class _stopped_by:  # noqa: N801  reads as a phrase where it is used
    """Calls `stop` at SIGTERM, and when the descriptor `control` ends."""

    def __init__(self, stop: Callable[[], None], control: int) -> None:
        self._stop = stop
        self._control = control
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        self._loop.add_signal_handler(signal.SIGTERM, self._stop)
        os.set_blocking(self._control, False)
        self._loop.add_reader(self._control, self._read)

    def __exit__(self, *_exception: object) -> None:
        self._loop.remove_reader(self._control)
        self._loop.remove_signal_handler(signal.SIGTERM)

    def _read(self) -> None:
        try:
            ended = not os.read(self._control, 4096)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._loop.remove_reader(self._control)
            self._stop()


def main() -> int:
    """The process's exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides, whatever a terminal sends
    settings = WorkerSettings.from_line(sys.stdin.buffer.readline())
    log_to_stderr(settings.log_level, settings.log_format)
    _spare_the_collector()
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
