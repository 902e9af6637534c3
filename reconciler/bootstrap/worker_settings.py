"""What the supervisor tells a worker, as one line of JSON on its standard input. No secret is in it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.listener.tls import TLSFiles
from reconciler.log import LogFormat
from reconciler.settings import Reach
from reconciler.store.url import StoreLocation

RETIRE = b"retire\n"
"""A later line: another worker has its place. It takes no new connections, finishes what it has under way, and ends."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`socket` is the descriptor of the data plane's listening socket, inherited. `log_level` is logging's number.

    `listeners` are the addresses of the gateway itself, all of them; `tls` is of its own.

    `access_log` is the share of requests that have a line; None: all where `log_level` wants them, else none.
    """

    instance: str
    socket: int
    store: StoreLocation
    reach: Reach
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    grace_seconds: int = 30
    log_level: int = 30
    log_format: LogFormat = "text"
    access_log: float | None = None
    listeners: tuple[tuple[str, int], ...] = ()
    tls: TLSFiles | None = None
    closed: bool = False
    """Whether nobody is answered while no keys are asked for."""
    workers: int = 1
    """So many serve the same socket."""

    def to_line(self) -> bytes:
        return json.dumps(asdict(self), default=str).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "WorkerSettings":
        told = json.loads(line)
        store, reach = told["store"], told["reach"]
        return cls(
            instance=told["instance"],
            socket=told["socket"],
            store=StoreLocation(Path(store["config_path"]), Path(store["records_path"])),
            reach=Reach(**{name: tuple(each) for name, each in reach.items()}),
            hosts=tuple(told["hosts"]),
            origins=tuple(told["origins"]),
            grace_seconds=told["grace_seconds"],
            log_level=told["log_level"],
            log_format="json" if told["log_format"] == "json" else "text",
            access_log=told["access_log"],
            listeners=tuple((host, port) for host, port in told["listeners"]),
            tls=TLSFiles(**told["tls"]) if told["tls"] is not None else None,
            closed=told["closed"],
            workers=told["workers"],
        )
