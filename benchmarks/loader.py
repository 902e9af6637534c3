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
LONG_BODY_BYTES = 100_000
MODEL = "measured"
KEY = f"rk-measured0000-{'k' * 43}"
"""Of the ClientKey that the gateway is measured with."""
_MAX_ERRORS = 10
_SILENCE_SECONDS = 20.0
"""A run that goes on so much longer than it should is given up."""
_MIX = (
    (BODY_BYTES, False),
    (BODY_BYTES, True),
    (BODY_BYTES, False),
    (LONG_BODY_BYTES, False),
    (BODY_BYTES, False),
)
"""(bytes of the body, whether it wants a stream)."""


@dataclass(frozen=True, slots=True)
class Load:
    """`warm_up` and `seconds` follow each other; latencies are of the second. At most `limit` requests in all.

    `mixed` asks for a bit of everything, whatever `body` and `stream` say. Each `abort_every`th request is left by the
    client: a stream when it begins, another at once. `loose` is content with any answer of status 200.
    """

    url: str
    connections: int = 1
    seconds: float = 1.0
    warm_up: float = 0.0
    stream: bool = False
    limit: int = 10_000_000
    body: int = BODY_BYTES
    mixed: bool = False
    abort_every: int = 0
    loose: bool = False
    header: tuple[str, ...] = ()


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
    aborted: int = 0


def request(load: Load, **more: int) -> bytes:
    """`more` are further members of the body."""
    body: dict[str, object] = {"model": MODEL, "messages": [], "temperature": 0, **more}
    if load.stream:
        body["stream"] = True
    body["messages"] = [{"role": "user", "content": ""}]
    missing = load.body - len(json.dumps(body, separators=(",", ":")))
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
        f"authorization: Bearer {KEY}",
        *load.header,
        f"content-length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", content]).encode()


def is_right(answer: bytes, *, stream: bool, loose: bool = False) -> bool:
    if not answer.startswith(b"HTTP/1.1 200 "):
        return False
    if loose:
        return True
    if stream:
        return answer.count(b"data: ") == FRAMES
    return len(answer) - answer.index(b"\r\n\r\n") - 4 == JSON_BYTES


class _Talk:
    """One connection, and the request that is under way on it."""

    __slots__ = ("doomed", "received", "since", "socket", "stream")

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.since = 0.0
        self.stream = False
        self.doomed = False
        self.received: list[bytes] = []


class Loader:
    """One thread; each connection has one request under way."""

    def __init__(self, asked: Load) -> None:
        self._load = asked
        self._questions = questions(asked)
        target = urlsplit(asked.url)
        self._address = target.hostname or "", target.port or 80
        self._poll = select.epoll()
        self._talks: dict[int, _Talk] = {}
        self._asked = self._total = self._errors = self._aborted = 0
        self._latencies: list[float] = []
        self._known: set[int] = set()
        """Lengths of plain answers that were found right. As long again, from status to brace, is right again: to look
        at each would make the loader the limit."""

    def run(self) -> Outcome:
        asked, used = self._load, process_time()
        began = perf_counter()
        measured = began + asked.warm_up
        for _ in range(min(asked.connections, asked.limit)):
            self._open()
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
            aborted=self._aborted,
        )

    def _open(self) -> None:
        connected = socket.create_connection(self._address)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk = self._talks[connected.fileno()] = _Talk(connected)
        self._poll.register(connected, select.EPOLLIN)
        self._ask(talk, perf_counter())

    def _drive(self, measured: float, end: float) -> None:
        latencies, limit = self._latencies, self._load.limit
        while self._talks:
            for descriptor, _ in self._poll.poll(1.0):
                talk = self._talks[descriptor]
                data = self._received(talk)
                if not (data and self._is_whole(talk, data)):
                    if not data or talk.doomed:
                        self._leave(talk, end)
                    continue
                now = perf_counter()
                if now >= measured:
                    latencies.append(now - talk.since)
                if now < end and self._asked < limit and self._errors < _MAX_ERRORS:
                    self._ask(talk, now)
                else:
                    self._close(talk)
            if perf_counter() > end + _SILENCE_SECONDS:
                self._errors += len(self._talks)
                break

    def _received(self, talk: _Talk) -> bytes:
        """An answer that comes when this side has ended is refused by its own kernel, and tells so as a reset."""
        try:
            return talk.socket.recv(RECEIVED)
        except ConnectionResetError:
            if not talk.doomed:
                raise
            return b""

    def _ask(self, talk: _Talk, now: float) -> None:
        question, talk.stream = self._questions[self._asked % len(self._questions)]
        self._asked += 1
        talk.since = now
        talk.socket.sendall(question)
        every = self._load.abort_every
        if every and self._asked % every == 0:
            talk.doomed = True
            if not talk.stream:
                talk.socket.shutdown(socket.SHUT_RDWR)  # what is read next is its end

    def _is_whole(self, talk: _Talk, data: bytes) -> bool:
        """Whether the answer has come to its end with this piece; counted then."""
        received = talk.received
        if talk.doomed:
            return False
        if (
            not received
            and len(data) in self._known
            and data.startswith(b"HTTP/1.1 200 ")
            and data.endswith(b"}")
        ):
            self._total += 1
            return True
        received.append(data)
        if talk.stream and not data.endswith(b"\n"):
            return False
        answer = b"".join(received)
        if (talk.stream and not answer.endswith(LAST_CHUNK)) or not answer_is_whole(answer):
            talk.received = [answer]
            return False
        received.clear()
        self._total += 1
        right = is_right(answer, stream=talk.stream, loose=self._load.loose)
        self._errors += not right
        if right and not talk.stream:
            self._known.add(len(answer))
        return True

    def _leave(self, talk: _Talk, end: float) -> None:
        """One that the server has closed, or that the client does not want to hear out. Another takes its place."""
        self._close(talk)
        if talk.doomed:
            self._aborted += 1
            if perf_counter() < end:
                self._open()
        else:
            self._errors += 1

    def _close(self, talk: _Talk) -> None:
        del self._talks[talk.socket.fileno()]
        talk.socket.close()


def questions(load: Load) -> list[tuple[bytes, bool]]:
    if not load.mixed:
        return [(request(load), load.stream)]
    mix = [Load(load.url, stream=stream, body=body, header=load.header) for body, stream in _MIX]
    return [(request(each), each.stream) for each in mix]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.loader")
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--warm-up", type=float, default=0.5)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--limit", type=int, default=10_000_000)
    parser.add_argument("--body", type=int, default=BODY_BYTES)
    parser.add_argument("--mixed", action="store_true")
    parser.add_argument("--abort-every", type=int, default=0)
    parser.add_argument("--loose", action="store_true")
    parser.add_argument("--header", action="append", default=[])
    asked = Load(**vars(parser.parse_args(arguments)))
    print(json.dumps(asdict(Loader(asked).run())))


if __name__ == "__main__":
    main(sys.argv[1:])
