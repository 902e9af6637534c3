"""Taking records of requests out before their time: each batch that holds any is written anew without them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from reconciler.store.traffic import connect, rewritten, translated
from reconciler.store.traffic_batch import Columns, decoded
from reconciler.store.traffic_query import SoughtRequests, fitting

_NEXT = "SELECT number, count, columns FROM batch WHERE number > ? AND last >= ? ORDER BY number LIMIT 1"


class Deleted(NamedTuple):
    requests: int
    bodies: int


def delete(path: Path, sought: SoughtRequests) -> Deleted:
    """All that fit, with their bodies. Raises StoreError.

    One transaction a batch, oldest first: those who write wait for none of it long, and what is joined to a later batch
    meanwhile is met there.
    """
    requests = bodies = after = 0
    if not path.exists():
        return Deleted(0, 0)
    with translated(path), closing(connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=ON").fetchall()
        while True:
            connection.execute("BEGIN IMMEDIATE")
            try:
                found = connection.execute(_NEXT, (after, sought.since or 0)).fetchone()
                if found is None:
                    break
                after, count, data = found
                gone = _without(connection, after, decoded(data, count), sought)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            requests, bodies = requests + gone.requests, bodies + gone.bodies
        if requests:
            connection.executescript("PRAGMA incremental_vacuum")
    return Deleted(requests, bodies)


def _without(
    connection: sqlite3.Connection, number: int, columns: Columns, sought: SoughtRequests
) -> Deleted:
    gone = frozenset(fitting(columns, sought))
    if not gone:
        return Deleted(0, 0)
    ids = [(columns["id"][place],) for place in gone]
    bodies = connection.executemany("DELETE FROM body WHERE id = ?", ids).rowcount
    kept = [place for place in range(len(columns["time"])) if place not in gone]
    rewritten(
        connection, number, {name: [values[place] for place in kept] for name, values in columns.items()}
    )
    return Deleted(len(gone), bodies)
