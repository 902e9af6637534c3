"""What a request executes: bytecodes of Python and calls of Python functions, a number that no busy machine can change.

The hot path runs in this process between two transports that only take what is written to them, without sockets. What
C does, parsing and JSON and system calls, is not counted; neither is what the worker does beside requests.
`python -m benchmarks.bytecodes DATABASE` prints JSON.
"""

import asyncio
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import CodeType, FrameType
from typing import Protocol, TypeAlias

import uvloop

from benchmarks.figures import Part, table
from benchmarks.loader import Load, request
from benchmarks.processes import ROOT, Failed, finished
from benchmarks.stand import Scale, store
from benchmarks.upstream import PLAIN, STREAM
from reconciler.bootstrap.http_server import http_server
from reconciler.bootstrap.provider_builds import WorkerBuilder
from reconciler.clock import SystemClock
from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.limits import keeper
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.settings import Reach
from reconciler.snapshot.follower import Follower
from reconciler.snapshot.registry import Registry
from reconciler.store.events import HeadSignal
from reconciler.store.ledger import Ledger
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.url import parse

PLAIN_MODE, STREAM_MODE, BURST_MODE = "plain", "stream, event by event", "stream in one piece"
_ANSWERS = {PLAIN_MODE: [PLAIN], STREAM_MODE: STREAM, BURST_MODE: [b"".join(STREAM)]}
MODES = tuple(_ANSWERS)
SHOWN = 25
_REQUESTS = 21
_TURNS = 3
"""Of the event loop after each request, for what was put off to the next one."""
_PATIENCE = 10.0
_WARM_UP = 50
_SETTLING = 0.2
"""Seconds until the leases are as large as the requests before have made them."""
_NOWHERE = "http://127.0.0.1:9"
_ASYNCIO = str(Path(asyncio.__file__).parent)


Trace: TypeAlias = "Callable[[FrameType, str, object], Trace | None]"


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the median of some requests: in all, and by function in descending order as (function, bytecodes, calls)."""

    bytecodes: int
    calls: int
    functions: tuple[tuple[str, int, int], ...]


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:  # noqa: ARG001  as the other parts
    folder.mkdir(exist_ok=True)
    say("what a request executes")
    return Part(report(counted(store(folder, _NOWHERE))))


def counted(db: Path) -> dict[str, Counted]:
    """By mode, in a process of its own."""
    done = finished([sys.executable, "-m", "benchmarks.bytecodes", str(db)])
    if done.returncode != 0:
        raise Failed(f"the hot path could not be driven: {done.stderr}")
    told = json.loads(done.stdout)
    return {mode: Counted(**told[mode]) for mode in MODES}


def report(counted: Mapping[str, Counted]) -> str:
    rows = [[mode, f"{one.bytecodes:,}", f"{one.calls:,}"] for mode, one in counted.items()]
    head = ["a request", "bytecodes", "calls of Python functions"]
    parts = [
        f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        table(head, rows),
    ]
    for mode, one in counted.items():
        rows = [[f"`{name}`", f"{codes:,}", f"{calls:,}"] for name, codes, calls in one.functions[:SHOWN]]
        parts.append(table([f"{mode}: the first {len(rows)}", "bytecodes", "calls"], rows))
    return "\n\n".join(parts)


class Listener(Protocol):
    """What a transport tells its protocol."""

    def data_received(self, data: bytes) -> None: ...


class Silent(asyncio.Transport):
    """Takes what is written to it, and keeps it until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def writelines(self, list_of_data: object) -> None:
        assert isinstance(list_of_data, list | tuple)
        self.written.extend(map(bytes, list_of_data))

    def get_extra_info(self, name: str, default: object = None) -> object:  # noqa: ARG002  asyncio's signature
        return default

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    abort = close

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


class Loop(uvloop.Loop):
    """The worker's event loop, whose connections lead to `Silent` transports."""

    upstreams: list[tuple[Listener, Silent]]

    def __init__(self) -> None:
        super().__init__()
        self.upstreams = []

    async def sock_connect(self, sock: socket.socket, address: object) -> None:
        """Nobody is there, and nobody needs to be."""

    async def create_connection(  # type: ignore[override]  # of the many ways to connect the gateway uses one
        self, protocol_factory: Callable[[], asyncio.Protocol], *_: object, **more: object
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        connected = more.get("sock")
        if isinstance(connected, socket.socket):
            connected.close()
        protocol, transport = protocol_factory(), Silent()
        protocol.connection_made(transport)
        self.upstreams.append((protocol, transport))
        return transport, protocol


class Tracer:
    """Counts while it is on; what is of asyncio and of this module is left out."""

    def __init__(self) -> None:
        self.bytecodes: Counter[CodeType] = Counter()
        self.calls: Counter[CodeType] = Counter()

    def __enter__(self) -> None:
        sys.settrace(self._called)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, _: object) -> "Trace | None":
        if event != "call" or frame.f_code.co_filename.startswith((__file__, _ASYNCIO)) or _is_beside(frame):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.calls[frame.f_code] += 1
        return self._step

    def _step(self, frame: FrameType, event: str, _: object) -> "Trace":
        if event == "opcode":
            self.bytecodes[frame.f_code] += 1
        return self._step


def _is_beside(frame: FrameType) -> bool:
    """Whether it is work of the task that keeps the leases, which goes by the clock."""
    at: FrameType | None = frame
    while at is not None:
        if at.f_code.co_filename == keeper.__file__:
            return True
        at = at.f_back
    return False


class Driver:
    """One client and its upstream, both of them here."""

    def __init__(self, client: Listener, transport: Silent, loop: Loop, mode: str) -> None:
        self._client = client
        self._transport = transport
        self._loop = loop
        self._question = request(Load(_NOWHERE, stream=mode != PLAIN_MODE))
        self._answer = _ANSWERS[mode]

    async def _asked(self) -> Listener:
        """The upstream that was. The first request waits for its connection, the others find it."""
        patience = perf_counter() + _PATIENCE
        while perf_counter() < patience:
            for upstream, transport in self._loop.upstreams:
                if transport.written:
                    return upstream
            await asyncio.sleep(0)
        raise Failed(f"no upstream was asked: {self._transport.written}")

    async def one(self) -> None:
        """Raises Failed where it is not answered."""
        self._client.data_received(self._question)
        upstream = await self._asked()
        for piece in self._answer:
            upstream.data_received(piece)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        answer = b"".join(self._transport.written)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise Failed(f"the gateway answered {answer[:200]!r}")
        self._transport.written.clear()
        for _, asked in self._loop.upstreams:
            asked.written.clear()


async def _count(db: str, loop: Loop) -> dict[str, Counted]:
    with _serving(db) as (registry, follower):
        await follower.catch_up()
        memory = Memory()
        keeping = asyncio.create_task(
            keeper.Keeper(Ledger(parse(db).records_path, "measured", SystemClock()), memory.limiters).run()
        )
        plane = data_plane(registry, TransportPool(), Telemetry(), memory=memory)
        server = http_server(plane.app, hot=plane.hot, grace_seconds=1)
        server.config.load()
        await server.on_tick(0)  # the headers with the date, which it sets each second
        counted = {}
        for mode in MODES:
            transport = Silent()
            protocol = server.config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn's classes share these
                config=server.config, server_state=server.server_state, app_state={}
            )
            protocol.connection_made(transport)
            assert hasattr(protocol, "data_received")
            driver = Driver(protocol, transport, loop, mode)
            for _ in range(_WARM_UP):
                await driver.one()
            await asyncio.sleep(_SETTLING)
            await driver.one()
            tracers = [Tracer() for _ in range(_REQUESTS)]
            for tracer in tracers:
                with tracer:
                    await driver.one()
            counted[mode] = _counted(
                sorted(tracers, key=lambda tracer: tracer.bytecodes.total())[_REQUESTS // 2]
            )
        keeping.cancel()
    return counted


@contextmanager
def _serving(db: str) -> Iterator[tuple[Registry, Follower]]:
    """What a worker follows its store with."""
    location = parse(db)
    observations, signal = Observations(location.records_path), HeadSignal(location.config_path)
    with Reader(location.config_path) as reader, closing(observations), closing(signal):
        builder = WorkerBuilder(location, reader, Reach(), os.environ, observations.acknowledged)
        registry = Registry()
        yield registry, Follower(reader, signal, builder, registry)


def _counted(tracer: Tracer) -> Counted:
    functions = [(_name(code), count, tracer.calls[code]) for code, count in tracer.bytecodes.most_common()]
    return Counted(tracer.bytecodes.total(), tracer.calls.total(), tuple(functions))


def _name(code: CodeType) -> str:
    path = Path(code.co_filename)
    if path.is_relative_to(ROOT / "reconciler"):
        short = path.relative_to(ROOT / "reconciler").as_posix()
    else:
        short = "/".join(path.parts[-2:])
    return f"{short}:{code.co_qualname}"


def main(db: str) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Loop)
        counted = runner.run(_count(db, loop))
        told = {
            mode: {"bytecodes": one.bytecodes, "calls": one.calls, "functions": one.functions}
            for mode, one in counted.items()
        }
        print(json.dumps(told), flush=True)
        os._exit(0)  # the connections that lead nowhere need no good-bye


if __name__ == "__main__":
    main(sys.argv[1])
