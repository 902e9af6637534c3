"""How providers do, in the records' file: circuits as each worker has them, what probes found, and what people reset.

Whoever opened the file calls these inside a transaction of its own. One worker of a store probes: the one that holds the
lease. All of it is observation: losing it loses nothing but a few seconds of knowledge.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reconciler.store import transitions
from reconciler.store.transitions import Transition

LEASE_SECONDS = 3.0
"""The lease lapses so long after it was last renewed."""

_A_MOMENT = 0.001

KEPT_RESETS = 100
"""So many of the newest are kept; whoever serves reads them within a second or so."""

TAKEN_OVER_SECONDS = 10.0
"""Who died may have done so long ago: what it left alone is tried again after so long at the latest, and what was to be tried
longer ago than that is no news of today.
"""

SINCE_SCHEMA = 3
"""The version of the records' file that brought the tables."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS prober (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), instance TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS probe (
    provider TEXT PRIMARY KEY, healthy INTEGER NOT NULL, since REAL NOT NULL, probed REAL NOT NULL, fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS circuit (
    instance TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL,
    fault TEXT NOT NULL, next_try REAL, PRIMARY KEY (instance, provider, model));
CREATE TABLE IF NOT EXISTS health_reset (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, provider TEXT NOT NULL);
"""

CircuitState: TypeAlias = Literal["closed", "half-open", "open", "rate-limited", "slow-start"]


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """A circuit of one worker; those that are not told are closed, and nothing failed of late.

    `model` is the upstream's name for it, "" where the whole provider is meant. `fault` is what failed last, without
    a secret. `since` and `next_try` are seconds since the epoch.
    """

    instance: str
    provider: str
    model: str
    state: CircuitState
    since: float
    fault: str = ""
    next_try: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """What the probes of a provider found: `since` when it is so, `probed` when it was looked at last."""

    provider: str
    healthy: bool
    since: float
    probed: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class HealthRows:
    """`prober` is the instance of the worker that probes; "" where nobody does. `probes` by provider."""

    circuits: Sequence[CircuitRow] = ()
    probes: Mapping[str, ProbeRow] = field(default_factory=dict)
    prober: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a worker tells each second. `circuits` and `probes` are None where they are as they were.

    `probes` are heard of the one who holds the lease, and of nobody else. `now` is in seconds since the epoch.
    """

    instance: str
    now: float
    circuits: Sequence[CircuitRow] | None = None
    probes: Sequence[ProbeRow] | None = None
    transitions: Sequence[Transition] = ()
    would_probe: bool = False
    reset: int = 0
    """The last reset that it knows of."""

    @property
    def writes(self) -> bool:
        return self.circuits is not None or self.probes is not None or bool(self.transitions)


@dataclass(frozen=True, slots=True)
class Seen:
    """What it is told in turn. `resets` are (number, provider), oldest first."""

    probes_now: bool = False
    probes: Mapping[str, ProbeRow] = field(default_factory=dict)
    resets: Sequence[tuple[int, str]] = ()
    live: int = 1
    """How many workers live."""


def see(connection: sqlite3.Connection, told: Told, live_since: float) -> Seen:
    """Workers with a heartbeat since `live_since` count as live."""
    (live,) = connection.execute("SELECT count(*) FROM worker WHERE heartbeat >= ?", (live_since,)).fetchone()
    resets = _resets(connection, told.reset)
    holder = _holder(connection, told.now)
    return Seen(holder == told.instance, _probes(connection), resets, max(1, live))


def _resets(connection: sqlite3.Connection, after: int) -> Sequence[tuple[int, str]]:
    rows = connection.execute(
        "SELECT number, provider FROM health_reset WHERE number > ? ORDER BY number", (after,)
    )
    return tuple(rows)


def lease_is_due(connection: sqlite3.Connection, told: Told) -> bool:
    """Whether there is a lease to take, to renew or to give back."""
    holder = _holder(connection, told.now)
    return holder in {"", told.instance} if told.would_probe else holder == told.instance


def tell(connection: sqlite3.Connection, told: Told) -> None:
    """Writes what `told` says, where it may."""
    holder = _holder(connection, told.now)
    if told.would_probe and holder in {"", told.instance}:
        _take(connection, told, again=holder == told.instance)
        holder = told.instance
    elif holder == told.instance:  # given back: who takes it next goes on with what was found
        connection.execute("UPDATE prober SET until = ?", (told.now - _A_MOMENT,))
        holder = ""
    if told.circuits is not None:
        _put_circuits(connection, told.instance, told.circuits)
    if told.probes is not None and holder == told.instance:
        forgotten = {provider for _, provider in _resets(connection, told.reset)}
        connection.execute("DELETE FROM probe")
        connection.executemany(
            "INSERT INTO probe VALUES (?, ?, ?, ?, ?)",
            [
                (each.provider, each.healthy, each.since, each.probed, each.fault)
                for each in told.probes
                if each.provider not in forgotten
            ],
        )
    transitions.note(connection, told.transitions)


def _holder(connection: sqlite3.Connection, now: float) -> str:
    """A lease that reaches further than leases do is of before the clock was set back."""
    row = connection.execute("SELECT instance, until FROM prober").fetchone()
    return row[0] if row is not None and now <= row[1] <= now + 2 * LEASE_SECONDS else ""


def _take(connection: sqlite3.Connection, told: Told, *, again: bool) -> None:
    """What an earlier prober found goes on to hold, unless nobody has looked for long."""
    row = connection.execute("SELECT until FROM prober").fetchone()
    if not again and (row is None or row[0] < told.now - LEASE_SECONDS):
        connection.execute("DELETE FROM probe")
    connection.execute(
        "INSERT OR REPLACE INTO prober VALUES (1, ?, ?)", (told.instance, told.now + LEASE_SECONDS)
    )


def _put_circuits(connection: sqlite3.Connection, instance: str, rows: Iterable[CircuitRow]) -> None:
    connection.execute("DELETE FROM circuit WHERE instance NOT IN (SELECT instance FROM worker)")
    connection.execute("DELETE FROM circuit WHERE instance = ?", (instance,))
    connection.executemany(
        "INSERT INTO circuit VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (instance, each.provider, each.model, each.state, each.since, each.fault, each.next_try)
            for each in rows
        ],
    )


def reset(connection: sqlite3.Connection, providers: Sequence[str], now: float) -> None:
    """Workers close all circuits of these (keys as text), and begin to count anew, the prober too."""
    connection.executemany("DELETE FROM probe WHERE provider = ?", [(provider,) for provider in providers])
    connection.executemany(
        "INSERT INTO health_reset (time, provider) VALUES (?, ?)", [(now, provider) for provider in providers]
    )
    connection.execute(
        "DELETE FROM health_reset WHERE number <= (SELECT max(number) FROM health_reset) - ?", (KEPT_RESETS,)
    )


def last_reset(connection: sqlite3.Connection) -> int:
    """The number of the newest; 0 where there is none."""
    (number,) = connection.execute("SELECT max(number) FROM health_reset").fetchone()
    return int(number or 0)


def read(connection: sqlite3.Connection, now: float, live_since: float) -> HealthRows:
    """Of workers with a heartbeat since `live_since`; nothing from a file of an older version that can only be read."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < SINCE_SCHEMA:
        return HealthRows()
    circuits = connection.execute(
        "SELECT instance, provider, model, state, circuit.since, fault, next_try FROM circuit JOIN worker"
        " USING (instance) WHERE heartbeat >= ? ORDER BY provider, model, instance",
        (live_since,),
    )
    found = tuple(CircuitRow(*row) for row in circuits)
    prober = _holder(connection, now)
    return HealthRows(found, _probes(connection) if prober else {}, prober)


def left_alone(connection: sqlite3.Connection, now: float, live_since: float) -> Sequence[CircuitRow]:
    """What a worker that begins need not find out by itself: of each circuit that another one has open the row with the
    earliest next try. Of live workers, and of those that died without saying so.
    """
    rows = connection.execute(
        "SELECT circuit.instance, provider, model, state, circuit.since, fault, next_try, coalesce(heartbeat, 0) >= ?"
        " FROM circuit LEFT JOIN worker USING (instance)"
        " WHERE state IN ('open', 'half-open', 'rate-limited') AND next_try >= ? ORDER BY next_try DESC",
        (live_since, now - TAKEN_OVER_SECONDS),
    )
    found: dict[tuple[str, str], CircuitRow] = {}
    for instance, provider, model, state, since, fault, next_try, lives in rows:
        latest = next_try if lives else min(next_try, now + TAKEN_OVER_SECONDS)
        before = found.get((provider, model))
        if before is None or (before.next_try or latest) >= latest:
            found[provider, model] = CircuitRow(instance, provider, model, state, since, fault, latest)
    return tuple(found.values())


def _probes(connection: sqlite3.Connection) -> Mapping[str, ProbeRow]:
    rows = connection.execute("SELECT provider, healthy, since, probed, fault FROM probe ORDER BY provider")
    return {provider: ProbeRow(provider, bool(healthy), *rest) for provider, healthy, *rest in rows}
