"""Leases on counters, in the records' file: one short transaction each time that a worker tells and asks.

Who it is asked by decides how often: a worker draws ahead of need, off the path of its requests. `leases` says what
is granted; here it is read and written. A transaction is whole or was not: a worker that is killed in it changed nothing.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import NamedTuple

from reconciler.clock import Clock
from reconciler.store import leases
from reconciler.store.calendar_windows import window_of
from reconciler.store.leases import LASTS, Counter, Grant, Lease, Wish
from reconciler.store.observations import file_of, open_records, translated

_log = logging.getLogger(__name__)

BUSY_SECONDS = 2.0
"""So long other writers are waited for. Who asks has requests waiting."""

_UNUSED_SECONDS = 3_000_000
"""After so long nothing counts any more, a month's window included."""

_WALL = 1_000_000_000
"""What lies behind this is of the wall clock."""


class Usage(NamedTuple):
    """Of one counter, by all holders: units held (slots in use included), slots in use, wanted, spent in the window.

    `whole_in`: seconds until all that is spent will have come back.
    """

    held: int = 0
    used: int = 0
    wanted: int = 0
    spent: int = 0
    whole_in: float = 0.0


class Ledger:
    """Of one holder. Not for several threads at once. Every method raises StoreError when the file can't be used."""

    def __init__(self, path: Path, holder: str, clock: Clock) -> None:
        """`clock.monotonic` is alike in all processes of the machine."""
        self._path = path
        self._holder = holder
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._seen: int | None = None
        self._file: tuple[int, int] | None = None

    def exchange(self, wishes: Sequence[Wish]) -> list[Grant]:
        """One grant for each wish, all of one moment."""
        with self._writing() as connection:
            return [self._settle(connection, wish) for wish in wishes]

    def wanted(self) -> Mapping[str, int]:
        """The units that other holders want, by the key of the counter."""
        with self._using() as connection:
            found = connection.execute(
                "SELECT counter, sum(wanted) FROM lease WHERE holder != ? AND wanted GROUP BY counter",
                (self._holder,),
            )
            return dict(found.fetchall())

    def moved(self) -> bool:
        """Whether the file was written to by others since this was asked last. Costs microseconds."""
        with self._using() as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, int(version)
        return before != self._seen

    def tidy(self) -> None:
        """Drops what can't count any more, of counters that nobody asks about: their providers are gone."""
        for now in (self._clock.monotonic(), self._clock.now().timestamp()):
            since = now / 2 if now > _WALL else 0.0
            with self._writing() as connection:
                expired = since, now - _UNUSED_SECONDS
                over = (
                    expired if since else (since, now)
                )  # a clock that is put back finds its window as it was
                connection.execute("DELETE FROM spent WHERE lapses BETWEEN ? AND ?", over)
                connection.execute("DELETE FROM lease WHERE expires BETWEEN ? AND ?", expired)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _settle(self, connection: sqlite3.Connection, wish: Wish) -> Grant:
        counter = wish.counter
        now = _now(self._clock, counter)
        found = _live_leases(connection, counter, now)
        spent, last = _spent(connection, counter, now)
        if wish.refunded:
            spent -= _refund(connection, counter, wish.refunded, now)
        settled = leases.settle(wish, self._holder, found, spent, now)
        if settled.lease is None:
            connection.execute(
                "DELETE FROM lease WHERE counter = ? AND holder = ?", (counter.key, self._holder)
            )
        else:
            _put(connection, counter, settled.lease)
        if not counter.window:
            return settled.grant
        lapses = leases.lapse(counter, now)
        _spend(connection, counter, settled.spent, lapses)
        whole_at = lapses if settled.spent or counter.aligned else last
        grant = settled.grant._replace(lapses=lapses, whole_in=max(0.0, whole_at - now))
        if grant.lacking:
            over = spent + settled.spent + sum(each.units for each in found if each.holder != self._holder)
            missing = (
                grant.lacking
                - max(0, counter.capacity - over - grant.units)
                + max(0, over - counter.capacity)
            )
            return grant._replace(ready_in=leases.ready_in(_lapses(connection, counter, now), missing, now))
        return grant

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._using() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """What SQLite fails with may be the connection's own, so the next call has another one."""
        with translated(self._path):
            try:
                if self._connection is not None and file_of(self._path) != self._file:
                    _log.warning("%s was replaced: what budgets spent before is forgotten", self._path)
                    self.close()
                if self._connection is None:
                    self._connection = open_records(self._path)
                    self._file = file_of(self._path)
                    self._connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
                yield self._connection
            except sqlite3.Error:
                self.close()
                raise


def counted_since(path: Path) -> float | None:
    """Since when what is spent is known, in seconds of the epoch; None while there is no file. Raises StoreError."""
    if not path.exists():
        return None
    with translated(path):
        connection = open_records(path)
        try:
            found = connection.execute("SELECT min(moment) FROM counted_since").fetchone()
        finally:
            connection.close()
    return None if found[0] is None else float(found[0])


def usage(path: Path, counters: Iterable[Counter], clock: Clock) -> Mapping[str, Usage]:
    """How far counters are used at this moment, by their keys. Reads alone; raises StoreError."""
    if not path.exists():
        return {counter.key: Usage() for counter in counters}
    with translated(path):
        connection = open_records(path)
        try:
            return {counter.key: _usage(connection, counter, _now(clock, counter)) for counter in counters}
        finally:
            connection.close()


def _now(clock: Clock, counter: Counter) -> float:
    return clock.now().timestamp() if counter.calendar else clock.monotonic()


def _usage(connection: sqlite3.Connection, counter: Counter, now: float) -> Usage:
    begin, end = _bounds(counter, now)
    held, used, wanted = connection.execute(
        "SELECT coalesce(sum(units), 0), coalesce(sum(used), 0), coalesce(sum(wanted), 0) FROM lease"
        " WHERE counter = ? AND expires > ?",
        (counter.key, begin),
    ).fetchone()
    spent, last = connection.execute(
        "SELECT coalesce(sum(units), 0), coalesce(max(lapses), 0) FROM spent"
        " WHERE counter = ? AND lapses > ? AND lapses <= ?",
        (counter.key, now, end),
    ).fetchone()
    return Usage(held, used, wanted, spent, max(0.0, (end if counter.aligned else last) - now))


def _bounds(counter: Counter, now: float) -> tuple[float, float]:
    """The window that `now` ends, or the calendar's that it lies in; what lapses later than its end is of another."""
    if counter.aligned:
        return window_of(counter.aligned, now)
    return now - counter.window, inf


def _live_leases(connection: sqlite3.Connection, counter: Counter, now: float) -> list[Lease]:
    """Those that have not expired. What has is put away: slots are free, all else was spent, for all that is known."""
    rows = connection.execute(
        "SELECT holder, units, used, wanted, since, expires FROM lease WHERE counter = ?", (counter.key,)
    )
    found = [Lease(*row) for row in rows.fetchall()]
    live = []
    for lease in found:
        later = lease.expires > now + LASTS  # the machine was started anew, or its clock was put back
        if lease.expires <= now or (later and counter.aligned):
            _put_away(connection, counter, lease)
        elif later:
            live.append(lease._replace(since=min(lease.since, now), expires=now + LASTS))
            _put(connection, counter, live[-1])
        else:
            live.append(lease)
    return live


def _put_away(connection: sqlite3.Connection, counter: Counter, lease: Lease) -> None:
    """All that it holds counts as spent. Where a window of the calendar ended meanwhile, nobody knows in which one: in both."""
    connection.execute("DELETE FROM lease WHERE counter = ? AND holder = ?", (counter.key, lease.holder))
    if not counter.window or not lease.units:
        return
    moments = (lease.expires - LASTS, lease.expires) if counter.aligned else (lease.expires,)
    for lapses in {leases.lapse(counter, moment) for moment in moments}:
        _spend(connection, counter, lease.units, lapses)


def _spent(connection: sqlite3.Connection, counter: Counter, now: float) -> tuple[int, float]:
    """How much counts at this moment, and when the last of it lapses."""
    if not counter.window:
        return 0, 0.0
    latest = leases.lapse(counter, now)
    if counter.aligned:  # other windows stay as they are: a clock that is put right finds its own again
        stale = now - counter.window
        connection.execute("DELETE FROM spent WHERE counter = ? AND lapses <= ?", (counter.key, stale))
        return sum(units for _, units in _lapses(connection, counter, now)), latest
    connection.execute("DELETE FROM spent WHERE counter = ? AND lapses <= ?", (counter.key, now))
    units, last = connection.execute(
        "SELECT coalesce(sum(units), 0), coalesce(max(lapses), 0) FROM spent WHERE counter = ?",
        (counter.key,),
    ).fetchone()
    if last > latest:  # the machine was started anew, or its clock was put back
        connection.execute("DELETE FROM spent WHERE counter = ?", (counter.key,))
        _spend(connection, counter, units, latest)
        last = latest
    return int(units), float(last)


def _put(connection: sqlite3.Connection, counter: Counter, lease: Lease) -> None:
    connection.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?, ?)", (counter.key, *lease))


def _spend(connection: sqlite3.Connection, counter: Counter, units: int, lapses: float) -> None:
    if units > 0:
        connection.execute(
            "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (counter, lapses) DO UPDATE SET units = units + excluded.units",
            (counter.key, lapses, units),
        )


def _refund(connection: sqlite3.Connection, counter: Counter, units: int, now: float) -> int:
    """Takes units from those that lapse first, which is never sooner than theirs would have; returns how many."""
    left = units
    for lapses, there in _lapses(connection, counter, now):
        taken = min(left, there)
        left -= taken
        place = (counter.key, lapses)
        if taken == there:
            connection.execute("DELETE FROM spent WHERE counter = ? AND lapses = ?", place)
        else:
            connection.execute(
                "UPDATE spent SET units = units - ? WHERE counter = ? AND lapses = ?", (taken, *place)
            )
        if not left:
            break
    return units - left


def _lapses(connection: sqlite3.Connection, counter: Counter, now: float) -> list[tuple[float, int]]:
    end = _bounds(counter, now)[1]
    return connection.execute(
        "SELECT lapses, units FROM spent WHERE counter = ? AND lapses > ? AND lapses <= ? ORDER BY lapses",
        (counter.key, now, end),
    ).fetchall()
