"""Requests, as fast as they are answered: `python -m benchmarks.loader URL ...`. Prints one line of JSON.

A closed loop: each connection asks again when its answer is whole, for a time or up to a number of requests. Answers are
checked: another status, length or number of events is an error, and some errors end the run.
"""

import argparse
import json
import select
import socket
import sys
from dataclasses import asdict, dataclass
from time import perf_counter, process_time
from urllib.parse import urlsplit

from benchmarks.figures import percentile
from benchmarks.upstream import FRAMES, JSON_BYTES
from benchmarks.wire import LAST_CHUNK, RECEIVED, answer_is_whole

BODY_BYTES = 1500
MODEL = "measured"
_MAX_ERRORS = 10
_SILENCE_SECONDS = 20.0
"""A run that goes on so much longer than it should is given up."""


@dataclass(frozen=True, slots=True)
class Load:
    """`warm_up` and `seconds` follow each other; latencies are of the second. At most `limit` requests in all."""

    url: str
    connections: int
    seconds: float
    warm_up: float
    stream: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rate` is requests a second and p50 and p99 seconds, after the warm-up; `total` are all that were answered.

    `processor` is the loader's own use of its core in seconds, of `elapsed`.
    """

    rate: float
    p50: float
    p99: float
    total: int
    errors: int
    processor: float
    elapsed: float


def request(load: Load) -> bytes:
    body: dict[str, object] = {
        "model": MODEL,
        "messages": [{"role": "user", "content": ""}],
        "temperature": 0,
    }
    if load.stream:
        body["stream"] = True
    missing = BODY_BYTES - len(json.dumps(body, separators=(",", ":")))
    body["messages"] = [{"role": "user", "content": "x" * missing}]
    content = json.dumps(body, separators=(",", ":"))
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        f"host: {urlsplit(load.url).netloc}",
        "accept-encoding: identity",
        "connection: keep-alive",
        "accept: application/json",
        "content-type: application/json",
        "user-agent: OpenAI/Python 2.0.0",
        "x-stainless-lang: python",
        "x-stainless-package-version: 2.0.0",
        "x-stainless-os: Linux",
        "x-stainless-arch: x64",
        "x-stainless-runtime: CPython",
        "authorization: Bearer sk-measured",
        f"content-length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", content]).encode()


def is_right(answer: bytes, *, stream: bool) -> bool:
    if not answer.startswith(b"HTTP/1.1 200 "):
        return False
    if stream:
        return answer.count(b"data: ") == FRAMES
    return len(answer) - answer.index(b"\r\n\r\n") - 4 == JSON_BYTES


class Loader:
    """One thread; each connection has one request under way."""

    def __init__(self, asked: Load) -> None:
        self._load = asked
        self._question = request(asked)
        self._poll = select.epoll()
        self._connections: dict[int, socket.socket] = {}
        self._received: dict[int, bytes] = {}
        self._since: dict[int, float] = {}
        self._asked = self._total = self._errors = 0
        self._latencies: list[float] = []

    def run(self) -> Outcome:
        asked, used = self._load, process_time()
        target = urlsplit(asked.url)
        began = perf_counter()
        measured = began + asked.warm_up
        for _ in range(min(asked.connections, asked.limit)):
            self._open((target.hostname or "", target.port or 80))
        self._drive(measured, measured + asked.seconds)
        elapsed = perf_counter() - began
        ordered = sorted(self._latencies)
        return Outcome(
            rate=len(ordered) / max(elapsed - asked.warm_up, 1e-9),
            p50=percentile(ordered, 0.5),
            p99=percentile(ordered, 0.99),
            total=self._total,
            errors=self._errors,
            processor=process_time() - used,
            elapsed=elapsed,
        )

    def _open(self, address: tuple[str, int]) -> None:
        connection = socket.create_connection(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)
        self._ask(connection)

    def _drive(self, measured: float, end: float) -> None:
        while self._connections:
            for descriptor, _ in self._poll.poll(1.0):
                connection = self._connections[descriptor]
                now = self._read(connection)
                if not now:
                    continue
                if now >= measured:
                    self._latencies.append(now - self._since[descriptor])
                if now < end and self._asked < self._load.limit and self._errors < _MAX_ERRORS:
                    self._ask(connection)
                else:
                    self._close(connection)
            if perf_counter() > end + _SILENCE_SECONDS:
                self._errors += len(self._connections)
                break

    def _ask(self, connection: socket.socket) -> None:
        self._asked += 1
        self._since[connection.fileno()] = perf_counter()
        connection.sendall(self._question)

    def _read(self, connection: socket.socket) -> float:
        """The time when the answer became whole, 0 while it is not."""
        descriptor = connection.fileno()
        data = connection.recv(RECEIVED)
        if not data:
            self._errors += 1
            self._close(connection)
            return 0.0
        answer = self._received.pop(descriptor, b"") + data
        if (self._load.stream and not answer.endswith(LAST_CHUNK)) or not answer_is_whole(answer):
            self._received[descriptor] = answer
            return 0.0
        self._total += 1
        self._errors += not is_right(answer, stream=self._load.stream)
        return perf_counter()

    def _close(self, connection: socket.socket) -> None:
        del self._connections[connection.fileno()]
        connection.close()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.loader")
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--warm-up", type=float, default=0.5)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--limit", type=int, default=10_000_000)
    asked = Load(**vars(parser.parse_args(arguments)))
    print(json.dumps(asdict(Loader(asked).run())))


if __name__ == "__main__":
    main(sys.argv[1:])
