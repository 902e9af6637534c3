import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put


def _insert(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)


def test_two_revisions_can_not_have_one_parent(tmp_path: Path) -> None:
    commit_all(tmp_path / "store.db", [put(provider("a"))])
    with pytest.raises(sqlite3.IntegrityError, match=r"revision\.parent"):
        _insert(
            tmp_path / "store.db",
            'INSERT INTO revision SELECT 2, parent, time, actor, source, "commit", dirty, message, operation, digest FROM revision',
        )


def test_a_resource_can_not_be_live_twice(tmp_path: Path) -> None:
    commit_all(tmp_path / "store.db", [put(provider("a"))])
    copied = "uid, generation, created, valid_from, valid_to, managed_fields, source, path, digest, body"
    with pytest.raises(sqlite3.IntegrityError, match="kind"):
        _insert(
            tmp_path / "store.db",
            f"INSERT INTO version (resource_version, kind, namespace, name, {copied})"
            f" SELECT 99, kind, namespace, name, {copied} FROM version",
        )
