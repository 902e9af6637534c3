"""Who serves the store, by which clock, and on which addresses others reach it."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import ok
from reconciler.errors import one_line
from reconciler.json_types import value_at
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.store.notices import Notice
from reconciler.store.observations import LIVE_SECONDS, WHOLE, WorkerRow
from reconciler.store.records import Revision

_PROC = Path("/proc")
_LISTENS = "0A"
_SKEW = 5.0
"""Seconds."""
_SETTINGS = ResourceKey("Settings", "default", "default")


def worker_findings(rows: Sequence[WorkerRow], head: int, now: float, program: str) -> Iterator[Finding]:
    live = live_of(rows, now)
    if not live:
        yield Finding(
            "workers", "warning", "nothing serves this store", "clients get no answer", f"{program} serve"
        )
        return
    behind = [row for row in live if row.serving and row.revision < head]
    for row in behind:
        why = "its clients get what was configured before"
        yield Finding(
            "workers",
            "warning",
            f"worker {row.instance} serves revision {row.revision} of {head}",
            why,
            f"{program} status",
        )
    refused = {(provider, reason) for row in live for provider, reason in row.refused}
    for provider, reason in sorted(refused):
        what = "the newest revision" if provider == WHOLE else provider
        why = "live workers go on with an earlier build of it, or without it"
        yield Finding(
            "workers",
            "error",
            f"{what} is refused: {one_line(reason)}",
            why,
            "as said, where the gateway runs",
        )
    if not behind and not refused:
        yield ok("workers", f"{len(live)} live, serving revision {head}")


def notice_findings(told: Sequence[Notice]) -> Iterator[Finding]:
    """What those who serve say themselves."""
    for notice in told:
        yield Finding(
            "gateway",
            "error",
            f"{notice.name}: {one_line(notice.message)}",
            f"so since {datetime.fromtimestamp(notice.since, UTC):%Y-%m-%dT%H:%M:%SZ}, by the word of who serves",
            "as said; it is taken note of within seconds",
        )


def live_of(rows: Sequence[WorkerRow], now: float) -> list[WorkerRow]:
    return [row for row in rows if row.heartbeat >= now - LIVE_SECONDS]


def clock_findings(newest: Revision | None, rows: Sequence[WorkerRow], now: datetime) -> Iterator[Finding]:
    seconds = now.timestamp()
    ahead = [row.heartbeat - seconds for row in rows if row.heartbeat > seconds + _SKEW]
    if newest is not None and datetime.fromisoformat(newest.time).timestamp() > seconds + _SKEW:
        yield Finding(
            "clock",
            "warning",
            f"the newest revision was made at {newest.time}, and this machine's clock says {now:%Y-%m-%dT%H:%M:%SZ}",
            "revisions out of order in time mislead --since, ages, budgets and expiry",
            "set the clock (chronyc tracking, timedatectl); it was set back, or another machine wrote the store",
        )
    elif ahead:
        yield Finding(
            "clock",
            "warning",
            f"a worker's last sign of life lies {max(ahead):.0f} s in the future",
            "it would pass for live when it is gone",
            "set the clock of this machine, or of the one that the worker runs on",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%dT%H:%M:%SZ}, not before anything that the store holds")


def listener_findings(live: Sequence[WorkerRow], state: State, proc: Path = _PROC) -> Iterator[Finding]:
    """Of the workers and the supervisors above them; nothing where the system does not tell."""
    pids = {row.pid for row in live} | {
        parent for row in live if (parent := _parent(row.pid, proc)) is not None
    }
    listening = sorted(_listening(pids, proc), key=str)
    exposed = [f"{host}:{port}" for host, port in listening if not host.is_loopback]
    if exposed and _keys(state) != "keys":
        yield Finding(
            "listeners",
            "warning",
            f"{', '.join(exposed)} may be reached from other machines, and clients need no key",
            "whoever reaches it may spend what the providers' keys pay for",
            "listen on 127.0.0.1, set Settings.auth.dataPlane to keys, or put what authenticates in front",
        )
    elif exposed:
        yield ok("listeners", f"{', '.join(exposed)} may be reached from other machines; clients need a key")
    elif listening:
        yield ok("listeners", "reached from this machine alone")


def _keys(state: State) -> object:
    stored = state.get(_SETTINGS)
    return value_at(stored.resource.spec, ("auth", "dataPlane")) if stored is not None else None


def _parent(pid: int, proc: Path) -> int | None:
    try:
        return int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def _listening(pids: set[int], proc: Path) -> set[tuple[IPv4Address | IPv6Address, int]]:
    inodes = {inode for pid in pids for inode in _sockets(proc / str(pid) / "fd")}
    found: set[tuple[IPv4Address | IPv6Address, int]] = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = [line.split() for line in (proc / "net" / table).read_text().splitlines()[1:]]
        except OSError:
            continue
        found |= {
            _address(row[1]) for row in rows if len(row) > 9 and row[3] == _LISTENS and row[9] in inodes
        }
    return found


def _sockets(folder: Path) -> Iterator[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208  names alone are wanted
        for name in names:
            target = os.readlink(folder / name)  # noqa: PTH115  no path but text such as socket:[4711]
            if target.startswith("socket:["):
                yield target.removeprefix("socket:[").removesuffix("]")
    except OSError:
        return


def _address(text: str) -> tuple[IPv4Address | IPv6Address, int]:
    """As /proc writes it: words of the machine's own byte order, in hexadecimal."""
    host, _, port = text.partition(":")
    raw = b"".join(int(host[at : at + 8], 16).to_bytes(4, "little") for at in range(0, len(host), 8))
    if len(raw) == 4:
        return IPv4Address(raw), int(port, 16)
    found = IPv6Address(raw)
    return found.ipv4_mapped or found, int(port, 16)
