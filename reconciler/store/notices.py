"""What is wrong with a process that serves, by its own word, in the records' file: it is so for as long as it says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.store.observations import Observations

HELD_SECONDS = 20.0
"""A notice that was not said again for so long is nobody's any more: who said it has ended."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`name` is a stable word, such as `listener` or `tls`; `since` is seconds since the epoch."""

    name: str
    since: float
    message: str


def say(observations: Observations, holder: str, messages: Mapping[str, str], now: float) -> None:
    """All that is wrong with `holder` now, message by name. Raises StoreError."""
    with observations.writing() as connection:
        connection.execute("DELETE FROM notice WHERE said < ?", (now - HELD_SECONDS,))
        connection.execute(
            f"DELETE FROM notice WHERE holder = ? AND name NOT IN ({', '.join('?' * len(messages))})",  # noqa: S608  a constant and marks
            (holder, *messages),
        )
        connection.executemany(
            "INSERT INTO notice VALUES (?, ?, ?, ?, ?) ON CONFLICT (holder, name) DO UPDATE SET"
            " said = excluded.said, message = excluded.message",
            [(holder, name, now, now, message) for name, message in messages.items()],
        )


def current(observations: Observations, now: float) -> Sequence[Notice]:
    """Of all who serve the store, the oldest first. Raises StoreError."""
    with observations.reading() as connection:
        if connection is None:
            return ()
        rows = connection.execute(
            "SELECT name, min(since), message FROM notice WHERE said >= ? GROUP BY name, message ORDER BY 2, 1",
            (now - HELD_SECONDS,),
        )
        return tuple(Notice(*row) for row in rows)
