"""Reading the traffic's file: single requests, and what many of them come to. Like `reader`, with sqlite3 alone."""

import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, get_args

from reconciler.clock import timestamp
from reconciler.store import files
from reconciler.store.traffic import APPLICATION_ID, SCHEMA_VERSION, Bodies, translated
from reconciler.store.traffic_batch import Columns, RequestRow, Value, decoded
from reconciler.store.traffic_sessions import Session, SessionRow, belongs, id_of
from reconciler.store.traffic_units import units

T = TypeVar("T")

Dimension = Literal[
    "provider",
    "model",
    "client",
    "status",
    "endpoint",
    "ending",
    "hour",
    "day",
    "revision",
    "session",
    "namespace",
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

ENDINGS = ("complete", "refused", "broken", "gone")
"""How requests end, in the words of their records."""

GONE = 499
_GONE_ENDING = "gone"
"""Of every client that left, also after it was sent something."""
"""The status of a request whose client did not wait: nobody's failure."""

_PORTION = 1000
_NEVER = 2**62
"""Later than any time that is written."""


class SoughtRequests(NamedTuple):
    """All that is given must fit. `statuses` are ranges, both ends included. Of `statuses` and `endings` one must.

    `since` and `until` are milliseconds of the epoch, of when it began; `until` is no more in it. `session` is one's id or
    its client's word, `of_sessions` those of any; `namespaces` are all that somebody may see. `finish_reason` is as
    `reason_of` tells it.
    """

    model: str | None = None
    provider: str | None = None
    statuses: tuple[tuple[int, int], ...] = ()
    failed: bool = False
    endpoint: str | None = None
    session: str | None = None
    namespace: str | None = None
    client: str | None = None
    since: int | None = None
    endings: tuple[str, ...] = ()
    until: int | None = None
    id: str | None = None
    stream: bool | None = None
    of_sessions: bool = False
    succeeded: bool = False
    namespaces: frozenset[str] | None = None
    finish_reason: str | None = None


class Portion(NamedTuple):
    """Some of the requests, oldest first. `last`: what the next portion is asked for with; None: there is none."""

    rows: tuple[RequestRow, ...]
    last: int | None


@dataclass(slots=True)
class Group:
    """What the requests of one group come to. Durations are microseconds; `cost` is in 10**-15 dollars."""

    key: tuple[Value, ...]
    requests: int = 0
    failed: int = 0
    gone: int = 0
    fallen_over: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    cost: int = 0
    unpriced: int = 0
    """Requests whose cost is not known, though they used tokens."""
    durations: "array[int]" = field(default_factory=lambda: array("q"), repr=False)
    first_bytes: "array[int]" = field(default_factory=lambda: array("q"), repr=False)


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The smallest value that so many of a hundred do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def failed(status: Value, ending: Value) -> bool:
    return ending == "broken" or (isinstance(status, int) and status >= 400 and status != GONE)


def reason_of(status: Value, ending: Value, told: T) -> T | str:
    """`error` of what failed, whatever was told before; else the upstream's word, or None."""
    return "error" if failed(status, ending) else told


class TrafficReader:
    """A file that is not there is empty. Every method raises StoreError where one can't be read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(
        self, sought: SoughtRequests, limit: int | None = None, *, after: int = 0, offset: int = 0
    ) -> list[RequestRow]:
        """Newest first, without the newest `offset`. `after`: only those that `last` did not cover when it gave this number."""
        found: list[RequestRow] = []
        for columns in self._batches(sought, after):
            places = fitting(columns, sought)[::-1]
            passed = min(offset, len(places))
            offset -= passed
            room = None if limit is None else limit - len(found)
            found += _rows(columns, places[passed:][:room])
            if limit is not None and len(found) >= limit:
                break
        return found

    def count(self, sought: SoughtRequests, most: int) -> tuple[int, bool]:
        """How many fit, and whether these are all: where more than a time is sought, nobody looks on once `most` are found.

        What lies between two times is counted without being read.
        """
        if sought._replace(since=None, until=None) == SoughtRequests():
            return self._count_between(sought), True
        counted = 0
        for columns in self._batches(sought, 0):
            if counted >= most:
                return counted, False
            counted += len(fitting(columns, sought))
        return counted, True

    def _count_between(self, sought: SoughtRequests) -> int:
        since, until = sought.since or 0, sought.until if sought.until is not None else _NEVER
        with self._connected() as connection:
            if connection is None:
                return 0
            whole = "first >= :since AND last < :until"
            given = {"since": since, "until": until}
            row = connection.execute(f"SELECT sum(count) FROM batch WHERE {whole}", given).fetchone()  # noqa: S608  constants
            query = (
                f"SELECT count, columns FROM batch WHERE last >= :since AND first < :until AND NOT ({whole})"  # noqa: S608  a constant
            )
            cut = [
                len(fitting(decoded(data, count), sought)) for count, data in connection.execute(query, given)
            ]
        return int(row[0] or 0) + sum(cut)

    def portion(self, sought: SoughtRequests, after: int = 0) -> Portion:
        """Of the next batches: nobody who writes waits for who reads all of them. For one who tells it again see `stream`."""
        query = "SELECT number, count, columns FROM batch WHERE number > ? AND last >= ? ORDER BY number"
        found: list[RequestRow] = []
        with self._connected() as connection:
            if connection is None:
                return Portion((), None)
            for number, count, data in connection.execute(query, (after, sought.since or 0)):
                columns = decoded(data, count)
                found += _rows(columns, fitting(columns, sought))
                if len(found) >= _PORTION:
                    return Portion(tuple(found), number)
        return Portion(tuple(found), None)

    def sessions(self, sought: SoughtRequests) -> list[SessionRow]:
        """Of the requests that fit; who was asked last comes first."""
        sessions: dict[tuple[str, str | None, str], Session] = {}
        for columns in self._batches(sought, 0):
            told = [columns[name] for name in _OF_SESSIONS]
            for place in fitting(columns, sought):
                if columns["session"][place] is not None:
                    _add_to_session(sessions, [values[place] for values in told])
        rows = [session.row(*key) for key, session in sessions.items()]
        return sorted(rows, key=lambda row: (-row.last, row.id))

    def get(self, request_id: str) -> RequestRow | None:
        return next(iter(self.find(SoughtRequests(id=request_id), 1)), None)

    def bodies(self, request_id: str) -> Bodies | None:
        with self._connected() as connection:
            if connection is None:
                return None
            row = connection.execute("SELECT * FROM body WHERE id = ?", (request_id,)).fetchone()
        return Bodies(*row) if row is not None else None

    def last(self) -> int:
        """What is written from now on has greater numbers."""
        with self._connected() as connection:
            row = (
                None if connection is None else connection.execute("SELECT max(number) FROM batch").fetchone()
            )
        return int(row[0] or 0) if row is not None else 0

    def groups(self, by: Sequence[Dimension], sought: SoughtRequests) -> list[Group]:
        """Those of each dimension's values that occur, most requests first; by time, in its order."""
        groups: dict[tuple[Value, ...], Group] = {}
        for columns in self._batches(sought, 0):
            keys = [_dimension(columns, each) for each in by]
            told = [columns[name] for name in _SUMMED]
            for place in fitting(columns, sought):
                key = tuple([values[place] for values in keys])
                group = groups.get(key)
                if group is None:
                    group = groups[key] = Group(key)
                _add(group, *(values[place] for values in told))
        if {"hour", "day"} & set(by):
            return sorted(groups.values(), key=lambda group: tuple(map(str, group.key)))
        return sorted(groups.values(), key=lambda group: (-group.requests, tuple(map(str, group.key))))

    def _batches(self, sought: SoughtRequests, after: int) -> Iterator[Columns]:
        """Newest first."""
        query = "SELECT count, columns FROM batch WHERE number > ? AND last >= ? ORDER BY number DESC"
        with self._connected() as connection:
            if connection is not None:
                for count, columns in connection.execute(query, (after, sought.since or 0)):
                    yield decoded(columns, count)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection | None]:
        if not self._path.exists():
            yield None
            return
        with translated(self._path), closing(files.connect_readonly(self._path)) as connection:
            known = files.schema_of(
                connection, self._path, application_id=APPLICATION_ID, known=SCHEMA_VERSION
            )
            yield connection if known else None


def stream(portion: Callable[[SoughtRequests, int], Portion], sought: SoughtRequests) -> Iterator[RequestRow]:
    """Each request once, oldest first, a portion at a time. `portion` is a reader's, or asks for one."""
    before: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    after: int | None = 0
    while after is not None:
        rows, after = portion(sought, after)
        # small batches are joined to later ones meanwhile: what was told may come again, next to where it was
        yield from (row for row in rows if row.id not in told and row.id not in before)
        before, told = told, frozenset([row.id for row in rows])


def _rows(columns: Columns, places: Sequence[int]) -> Iterator[RequestRow]:
    named = [columns[name] for name in RequestRow._fields]
    return (RequestRow(*(values[place] for values in named)) for place in places)  # type: ignore[arg-type]  # as written


_OF_SESSIONS = (
    "namespace", "client", "session", "time", "status", "ending", "tokens_in", "tokens_out", "cost", "duration", "model",
    "provider",
)  # fmt: skip


def _add_to_session(sessions: dict[tuple[str, str | None, str], Session], told: Sequence[Value]) -> None:
    namespace, client, name, time, status, ending, tokens_in, tokens_out, cost, duration, model, provider = (
        told
    )
    key = (str(namespace), None if client is None else str(client), str(name))
    began = _number(time)
    session = sessions.get(key)
    if session is None:
        session = sessions[key] = Session(began, began)
    session.first, session.last = min(session.first, began), max(session.last, began)
    session.requests += 1
    session.failed += failed(status, ending)
    session.tokens_in += _number(tokens_in)
    session.tokens_out += _number(tokens_out)
    if isinstance(cost, str):
        session.cost += units(cost)
    elif tokens_in or tokens_out:
        session.unpriced += 1
    session.micros += _number(duration)
    session.models.update({model} if isinstance(model, str) else ())
    session.providers.update({provider} if isinstance(provider, str) else ())


_SUMMED = (
    "status", "ending", "attempts", "tokens_in", "tokens_out", "estimated", "cost", "duration", "first_byte",
)  # fmt: skip


def _add(  # noqa: PLR0913, PLR0917  the columns of _SUMMED
    group: Group,
    status: Value,
    ending: Value,
    attempts: Value,
    tokens_in: Value,
    tokens_out: Value,
    estimated: Value,
    cost: Value,
    duration: Value,
    first_byte: Value,
) -> None:
    group.requests += 1
    group.failed += failed(status, ending)
    group.gone += ending == _GONE_ENDING
    group.fallen_over += isinstance(attempts, int) and attempts > 1
    group.tokens_in += _number(tokens_in)
    group.tokens_out += _number(tokens_out)
    group.estimated += bool(estimated)
    if isinstance(cost, str):
        group.cost += units(cost)
    elif tokens_in or tokens_out:
        group.unpriced += 1
    group.durations.append(_number(duration))
    if first_byte is not None:
        group.first_bytes.append(_number(first_byte))


def fitting(columns: Columns, sought: SoughtRequests) -> Sequence[int]:
    """The places of those that fit, in their order."""
    places: Sequence[int] = range(len(columns["time"]))
    for name in ("id", "model", "provider", "endpoint", "namespace", "client", "stream"):
        wanted, values = getattr(sought, name), columns[name]
        if wanted is not None:
            places = [place for place in places if values[place] == wanted]
    if sought.session is not None:
        fits = belongs(sought.session, columns["namespace"], columns["client"], columns["session"])
        places = [place for place in places if fits[place]]
    if sought.of_sessions:
        places = [place for place in places if columns["session"][place] is not None]
    if sought.namespaces is not None:
        places = [place for place in places if columns["namespace"][place] in sought.namespaces]
    times = columns["time"]
    if sought.since is not None:
        places = [place for place in places if _number(times[place]) >= sought.since]
    if sought.until is not None:
        places = [place for place in places if _number(times[place]) < sought.until]
    return _ended_so(columns, sought, places)


def _ended_so(columns: Columns, sought: SoughtRequests, places: Sequence[int]) -> Sequence[int]:
    statuses, endings, reasons = columns["status"], columns["ending"], columns["finish_reason"]
    if sought.statuses or sought.endings:
        ranges, ends = sought.statuses, sought.endings
        places = [
            place
            for place in places
            if endings[place] in ends or any(low <= _number(statuses[place]) <= high for low, high in ranges)
        ]
    if sought.failed or sought.succeeded:
        wanted = (sought.failed, not sought.succeeded)  # both: nobody is
        places = [place for place in places if wanted == (failed(statuses[place], endings[place]),) * 2]
    if sought.finish_reason is not None:
        why = sought.finish_reason
        places = [each for each in places if why == reason_of(statuses[each], endings[each], reasons[each])]
    return places


def _dimension(columns: Columns, name: Dimension) -> Sequence[Value]:
    parts: dict[str, Callable[[str], str]] = {
        "hour": lambda time: f"{time[:13]}:00:00Z",
        "day": lambda time: time[:10],
    }
    part = parts.get(name)
    if name == "session":  # what two clients call alike are two
        named = zip(columns["namespace"], columns["client"], columns["session"], strict=True)
        return [id_of(*each) for each in named]
    if part is None:
        return columns[name]
    return [part(timestamp(datetime.fromtimestamp(_number(time) / 1000, UTC))) for time in columns["time"]]


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
