import sqlite3
from contextlib import closing

from reconciler.store.webhook_tables import SCHEMA


def test_they_can_be_made_again() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA + SCHEMA)
        tables = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name LIKE 'webhook_%' AND type = 'table'"
        )
        assert tables.fetchone() == (3,)
