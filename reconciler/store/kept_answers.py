"""What was answered to requests that bore an Idempotency-Key, in the records' file: who sends one again gets it again.

Whoever opened the file calls these inside a transaction of its own. Losing it means that a request is carried out again.
"""

import sqlite3
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept_answer (
    number INTEGER PRIMARY KEY AUTOINCREMENT, principal TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,
    begun REAL NOT NULL, answer TEXT, UNIQUE (principal, key));
"""

KEPT = 1000
"""So many of the newest, of all principals."""
KEPT_OF_ONE = 250
"""And of each, so that no one principal has the answers of others forgotten."""
KEPT_SECONDS = 24 * 3600.0
UNDER_WAY_SECONDS = 120.0
"""After so long without an answer, whoever began has died."""


class Kept(NamedTuple):
    """`answer` is None while the request is under way."""

    request: str
    answer: str | None


def begin(connection: sqlite3.Connection, principal: str, key: str, request: str, now: float) -> Kept | None:
    """None: it is this request's turn now. Otherwise what is known of the one that came before with this key."""
    connection.execute(
        "DELETE FROM kept_answer WHERE begun <= ? OR (answer IS NULL AND begun <= ?)",
        (now - KEPT_SECONDS, now - UNDER_WAY_SECONDS),
    )
    row = connection.execute(
        "SELECT request, answer FROM kept_answer WHERE principal = ? AND key = ?", (principal, key)
    ).fetchone()
    if row is not None:
        return Kept(*row)
    connection.execute(
        "INSERT INTO kept_answer (principal, key, request, begun) VALUES (?, ?, ?, ?)",
        (principal, key, request, now),
    )
    connection.execute(
        "DELETE FROM kept_answer WHERE number IN (SELECT number FROM kept_answer WHERE principal = ? "
        "ORDER BY number DESC LIMIT -1 OFFSET ?)",
        (principal, KEPT_OF_ONE),
    )
    connection.execute(
        "DELETE FROM kept_answer WHERE number IN (SELECT number FROM kept_answer ORDER BY number DESC LIMIT -1 OFFSET ?)",
        (KEPT,),
    )
    return None


def keep(connection: sqlite3.Connection, principal: str, key: str, answer: str) -> None:
    connection.execute(
        "UPDATE kept_answer SET answer = ? WHERE principal = ? AND key = ?", (answer, principal, key)
    )


def give_up(connection: sqlite3.Connection, principal: str, key: str) -> None:
    """It came to nothing, and may be asked for again."""
    connection.execute(
        "DELETE FROM kept_answer WHERE principal = ? AND key = ? AND answer IS NULL", (principal, key)
    )
