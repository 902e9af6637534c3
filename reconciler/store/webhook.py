"""What is to be told of providers' health, in the records' file: whose turn it is, what was told, and what waits to be sent.

Whoever opened the file calls these inside a transaction of its own. Losing the newest second of it tells something twice,
or not at all: it is observation.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.store.observations import Observations

MOST = 1000
"""Messages that wait; beyond that the oldest go."""

_TURN = "SELECT holder, until FROM webhook_turn"


class Trouble(NamedTuple):
    """What is wrong: `what` in one word, of `provider` (its key as text), or of one model of it by its upstream's name."""

    what: str
    provider: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """`time` is when it came, in seconds since the epoch; `attempts` how often it was sent in vain."""

    id: str
    time: float
    body: bytes
    attempts: int = 0


class WebhookRecords:
    """Every method raises StoreError when the file can't be used."""

    def __init__(self, observations: Observations) -> None:
        self._observations = observations

    def take_turn(self, holder: str, now: float, until: float) -> bool:
        """Whether it is `holder`'s turn, until then at least. A turn that reaches too far is of a clock that was set back."""
        with self._observations.reading() as connection:
            row = None if connection is None else connection.execute(_TURN).fetchone()
        if row is not None and row[0] == holder and (now + until) / 2 < row[1] <= now + 2 * (until - now):
            return True  # nothing to be written yet
        with self._observations.writing() as connection:
            row = connection.execute(_TURN).fetchone()
            mine = row is None or row[0] == holder or not now <= row[1] <= now + 2 * (until - now)
            if mine:
                connection.execute("INSERT OR REPLACE INTO webhook_turn VALUES (1, ?, ?)", (holder, until))
        return mine

    def leave_turn(self, holder: str) -> None:
        """It ends with who has it, so that the next one need not wait until it lapses."""
        with self._observations.reading() as connection:
            row = None if connection is None else connection.execute(_TURN).fetchone()
        if row is not None and row[0] == holder:
            with self._observations.writing() as connection:
                connection.execute("DELETE FROM webhook_turn WHERE holder = ?", (holder,))

    def told(self) -> frozenset[Trouble]:
        """What was told to be wrong, and not to be right again."""
        with self._observations.reading() as connection:
            rows = (
                ()
                if connection is None
                else connection.execute("SELECT what, provider, model FROM webhook_told").fetchall()
            )
        return frozenset(Trouble(*row) for row in rows)

    def tell(self, troubles: Collection[Trouble], messages: Iterable[Message]) -> int:
        """Keeps what is wrong by now, and what is to be sent of it. How many of those that waited longest went for it."""
        with self._observations.writing() as connection:
            connection.execute("DELETE FROM webhook_told")
            connection.executemany("INSERT INTO webhook_told VALUES (?, ?, ?)", sorted(troubles))
            connection.executemany(
                "INSERT INTO webhook_message (id, time, body, attempts) VALUES (?, ?, ?, ?)",
                [(each.id, each.time, each.body, each.attempts) for each in messages],
            )
            return connection.execute(
                "DELETE FROM webhook_message WHERE number <= (SELECT number FROM webhook_message ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (MOST,),
            ).rowcount

    def next(self) -> Message | None:
        """The one that waits longest."""
        with self._observations.reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT id, time, body, attempts FROM webhook_message ORDER BY number LIMIT 1"
            ).fetchone()
        return Message(*row) if row is not None else None

    def tried(self, message: str) -> None:
        with self._observations.writing() as connection:
            connection.execute("UPDATE webhook_message SET attempts = attempts + 1 WHERE id = ?", (message,))

    def done(self, message: str) -> None:
        """It was sent, or is given up."""
        with self._observations.writing() as connection:
            connection.execute("DELETE FROM webhook_message WHERE id = ?", (message,))

    def forget(self) -> None:
        """Nobody is to be told any more. Writes nothing where there is nothing."""
        with self._observations.reading() as connection:
            if connection is None or not _holds_any(connection):
                return
        with self._observations.writing() as connection:
            for table in ("webhook_turn", "webhook_told", "webhook_message"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  a constant


def _holds_any(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM webhook_turn) OR EXISTS (SELECT 1 FROM webhook_message)"
    )
    return bool(found.fetchone()[0])
