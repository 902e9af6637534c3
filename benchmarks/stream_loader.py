"""Streams that are held open: `python -m benchmarks.stream_loader URL --streams N --pace MS ...`. Prints one line of JSON.

All are opened, then events are counted for a while; they have no end. What the processes of the proxy use meanwhile is
read here, at the moments when the counting begins and ends.
"""

import argparse
import json
import select
import socket
import sys
from dataclasses import asdict, dataclass
from time import perf_counter, process_time
from urllib.parse import urlsplit

from benchmarks.loader import Load, request
from benchmarks.processes import processor_seconds, proportional_bytes
from benchmarks.wire import RECEIVED

_AT_ONCE = 50
_PATIENCE = 120.0
"""Seconds until all must have begun."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What came of `opened` streams in `seconds`. `processor` is the proxy's seconds; `before` and `after` its bytes.

    `busy` is the loader's own share of its core, `cut` how many ended by themselves.
    """

    opened: int
    events: int
    seconds: float
    processor: float
    before: int
    after: int
    busy: float
    cut: int


class StreamLoader:
    def __init__(self, url: str, streams: int, pace: int, pids: list[int]) -> None:
        self._address = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._question = request(Load(url, stream=True), pace=pace)
        self._streams = streams
        self._pids = pids
        self._poll = select.epoll()
        self._connections: dict[int, socket.socket] = {}
        self._begun: set[int] = set()
        self._events = self._cut = 0

    def run(self, seconds: float, warm_up: float) -> Streams:
        before = self._memory()
        for number in range(self._streams):
            self._open()
            if number % _AT_ONCE == 0:
                self._listen(perf_counter() + 0.001)
        patience = perf_counter() + _PATIENCE
        while len(self._begun) + self._cut < self._streams and perf_counter() < patience:
            self._listen(perf_counter() + 0.05)
        self._listen(perf_counter() + warm_up)
        self._events, began = 0, perf_counter()
        theirs, own = self._processor(), process_time()
        self._listen(began + seconds)
        taken = perf_counter() - began
        return Streams(
            opened=len(self._begun),
            events=self._events,
            seconds=taken,
            processor=self._processor() - theirs,
            before=before,
            after=self._memory(),
            busy=(process_time() - own) / taken,
            cut=self._cut,
        )

    def _open(self) -> None:
        connected = socket.create_connection(self._address)
        connected.sendall(self._question)
        self._connections[connected.fileno()] = connected
        self._poll.register(connected, select.EPOLLIN)

    def _listen(self, end: float) -> None:
        while (left := end - perf_counter()) > 0:
            for descriptor, _ in self._poll.poll(left):
                try:
                    data = self._connections[descriptor].recv(RECEIVED)
                except ConnectionError:
                    data = b""
                self._events += data.count(b"data: ")
                if not data:
                    self._cut += 1
                    self._connections.pop(descriptor).close()
                elif descriptor not in self._begun and b"data: " in data:
                    self._begun.add(descriptor)

    def _processor(self) -> float:
        return sum(processor_seconds(pid) for pid in self._pids)

    def _memory(self) -> int:
        return sum(proportional_bytes(pid) for pid in self._pids)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.stream_loader")
    parser.add_argument("url")
    parser.add_argument("--streams", type=int, required=True)
    parser.add_argument("--pace", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--warm-up", type=float, default=0.5)
    parser.add_argument("--pids", type=int, nargs="*", default=[])
    told = parser.parse_args(arguments)
    loader = StreamLoader(told.url, told.streams, told.pace, told.pids)
    print(json.dumps(asdict(loader.run(told.seconds, told.warm_up))))


if __name__ == "__main__":
    main(sys.argv[1:])
