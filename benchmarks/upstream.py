"""A provider that costs as little as Python can: `python -m benchmarks.upstream [--tls CERTIFICATE KEY]`.

Says its port, serves until SIGTERM. Every answer is ready before the first request: 628 bytes of JSON, or 64 events, a
stop and [DONE], each sent by itself. Where the body says `"pace":N`, an event comes every N milliseconds and no end:
the other side leaves.
"""

import argparse
import heapq
import json
import re
import select
import signal
import socket
import ssl
import sys
from time import perf_counter

from benchmarks.wire import RECEIVED, request_is_whole

EVENTS = 64
JSON_BYTES = 628
FRAMES = EVENTS + 2
"""`data:` lines of a stream."""
_PACE = re.compile(rb'"pace":(\d+)')


def _plain() -> bytes:
    def answer(text: str) -> bytes:
        message = {"role": "assistant", "content": text, "refusal": None}
        return json.dumps(
            {
                "id": "chatcmpl-0123456789abcdef",
                "object": "chat.completion",
                "created": 1790000000,
                "model": "measured",
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 300, "completion_tokens": 64, "total_tokens": 364},
            }
        ).encode()

    body = answer("x" * (JSON_BYTES - len(answer(""))))
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def _event(data: str) -> bytes:
    frame = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(frame), frame)


def _chunk(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event(
        json.dumps(
            {
                "id": "chatcmpl-0123456789abcdef",
                "object": "chat.completion.chunk",
                "created": 1790000000,
                "model": "measured",
                "choices": [choice],
            }
        )
    )


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
WORD = _chunk({"content": " word"}, None)
PLAIN = _plain()
STREAM = [STREAM_HEAD + WORD, *[WORD] * (EVENTS - 1), _chunk({}, "stop"), _event("[DONE]") + b"0\r\n\r\n"]


class Provider:
    """One thread, blocking sends: an answer fits into a socket's buffer, and a connection asks for one at a time."""

    def __init__(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listening = listening
        self._tls = tls
        self._poll = select.epoll()
        self._poll.register(listening, select.EPOLLIN)
        self._connections: dict[int, socket.socket] = {}
        self._received: dict[int, bytes] = {}
        self._known: set[int] = set()
        """Lengths of requests that were whole and want a plain answer: another as long, to its brace, is looked at no more."""
        self._paced: list[tuple[float, int, float, socket.socket]] = []
        """A heap: when, a number that no other has, seconds between events, whom."""
        self._number = 0

    def serve(self) -> None:
        while True:
            wait = max(0.0, self._paced[0][0] - perf_counter()) if self._paced else -1
            for descriptor, _ in self._poll.poll(wait):
                if descriptor == self._listening.fileno():
                    self._accept()
                else:
                    self._read(descriptor)
            if self._paced:
                self._send_paced()

    def _accept(self) -> None:
        connection, _ = self._listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        self._connections[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)

    def _read(self, descriptor: int) -> None:
        connection = self._connections[descriptor]
        try:
            data = connection.recv(RECEIVED)
            if len(data) in self._known and self._is_plain(descriptor, data):
                connection.send(PLAIN)
                return
            received = self._received.pop(descriptor, b"") + data
            if data and not request_is_whole(received):
                self._received[descriptor] = received
            elif data:
                self._answer(connection, received)
        except OSError:
            data = b""
        if not data:
            self._received.pop(descriptor, None)
            del self._connections[descriptor]
            connection.close()

    def _is_plain(self, descriptor: int, data: bytes) -> bool:
        return data.endswith(b"}") and b'"stream":true' not in data and descriptor not in self._received

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        if (pace := _PACE.search(request)) is not None:
            connection.send(STREAM_HEAD)
            self._pace(perf_counter(), int(pace[1]) / 1000, connection)
        elif b'"stream":true' in request:
            for piece in STREAM:
                connection.send(piece)
        else:
            connection.send(PLAIN)
            self._known.add(len(request))

    def _pace(self, when: float, seconds: float, connection: socket.socket) -> None:
        self._number += 1
        heapq.heappush(self._paced, (when, self._number, seconds, connection))

    def _send_paced(self) -> None:
        now = perf_counter()
        while self._paced and self._paced[0][0] <= now:
            due, _, seconds, connection = heapq.heappop(self._paced)
            if connection.fileno() == -1:  # closed
                continue
            try:
                connection.send(WORD)
            except OSError:  # its end is about to be read
                continue
            self._pace(max(due + seconds, now), seconds, connection)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.upstream")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    told = parser.parse_args(arguments)
    tls = None
    if told.tls is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*told.tls)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        print(f"port {listening.getsockname()[1]}", flush=True)
        Provider(listening, tls).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
