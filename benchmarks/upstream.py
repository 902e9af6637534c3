"""A provider that costs as little as Python can: `python -m benchmarks.upstream`. Says its port, serves until SIGTERM.

Every answer is ready before the first request: 628 bytes of JSON, or 64 events, a stop and [DONE], each sent by itself.
"""

import json
import select
import signal
import socket
import sys

from benchmarks.wire import RECEIVED, request_is_whole

EVENTS = 64
JSON_BYTES = 628
FRAMES = EVENTS + 2
"""`data:` lines of a stream."""


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


def _stream() -> list[bytes]:
    def chunk(delta: dict[str, str], finish: str | None) -> bytes:
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

    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    events = [chunk({"content": " word"}, None) for _ in range(EVENTS)]
    events[0] = head + events[0]
    return [*events, chunk({}, "stop"), _event("[DONE]") + b"0\r\n\r\n"]


PLAIN = _plain()
STREAM = _stream()


class Provider:
    """One thread, blocking sends: an answer fits into a socket's buffer, and a connection asks for one at a time."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._poll = select.epoll()
        self._poll.register(listening, select.EPOLLIN)
        self._connections: dict[int, socket.socket] = {}
        self._received: dict[int, bytes] = {}

    def serve(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._listening.fileno():
                    self._accept()
                else:
                    self._read(descriptor)

    def _accept(self) -> None:
        connection, _ = self._listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)

    def _read(self, descriptor: int) -> None:
        connection = self._connections[descriptor]
        try:
            data = connection.recv(RECEIVED)
            received = self._received.pop(descriptor, b"") + data
            if data and not request_is_whole(received):
                self._received[descriptor] = received
            elif data:
                for piece in STREAM if b'"stream":true' in received else (PLAIN,):
                    connection.send(piece)
        except OSError:
            data = b""
        if not data:
            del self._connections[descriptor]
            connection.close()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        print(f"port {listening.getsockname()[1]}", flush=True)
        Provider(listening).serve()


if __name__ == "__main__":
    main()
