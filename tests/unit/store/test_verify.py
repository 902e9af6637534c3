import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import META, commit_all, drop, open_writer, provider, put

from reconciler.resources.principal import Role
from reconciler.resources.resource import FieldManager
from reconciler.store import files
from reconciler.store.reader import Reader
from reconciler.store.records import Hold, Problem, VaultEntry
from reconciler.store.tables import StoreTable
from reconciler.store.tokens import Token
from reconciler.store.verify import verify

OWNER = FieldManager("git:acme", "Apply", {"f:spec": {"f:type": {}}}, "2026-01-01T00:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    commit_all(
        path,
        [put(provider("a")), put(provider("b"))],
        [put(provider("b", latency=1))],
        [drop(provider("a")), put(provider("c"))],
        [put(provider("a"))],
    )
    return path


def _problems(path: Path, *, head: str | None = None) -> list[Problem]:
    with Reader(path) as reader:
        return verify(reader, head=head)


def test_an_untouched_store_has_no_problems(path: Path) -> None:
    assert _problems(path) == []


def test_an_empty_store_has_no_problems(tmp_path: Path) -> None:
    commit_all(tmp_path / "store.db")
    assert _problems(tmp_path / "store.db") == []
    assert [str(each) for each in _problems(tmp_path / "store.db", head="x")] == [
        "the store: the digest of the head is not x"
    ]


def test_a_head_kept_elsewhere_is_compared(path: Path) -> None:
    with Reader(path) as reader:
        head = reader.revision(4).digest
    assert _problems(path, head=head) == []
    (problem,) = _problems(path, head="sha256:0")
    assert (problem.revision, "not sha256:0" in problem.message) == (4, True)


@pytest.mark.parametrize(
    ("statement", "places"),
    [
        (
            "UPDATE revision SET actor = 'eve' WHERE number = 2",
            ["revision 2: it is not what its digest signed"],
        ),
        ("UPDATE revision SET dirty = 1 WHERE number = 4", ["revision 4: it is not what its digest signed"]),
        (
            "UPDATE revision SET digest = 'sha256:0' WHERE number = 2",
            [
                "revision 2: it is not what its digest signed",
                "revision 2: row 2 of the audit is not what its digest signed",
                "revision 3: it is not what its digest signed",
            ],
        ),
        (
            "DELETE FROM revision WHERE number = 4",
            [
                "revision 4, Provider/a: an event names a revision that does not exist",
                "revision 4: row 4 of the audit tells of it, and it is not there",
            ],
        ),
        (
            "UPDATE revision SET number = 9 WHERE number = 4",
            [
                "revision 4, Provider/a: an event names a revision that does not exist",
                "revision 4: row 4 of the audit tells of it, and it is not there",
                "revision 9: it does not follow revision 3",
                "revision 9: it has no events",
                "revision 9: it is not what its digest signed",
                "revision 9: no row of the audit tells who made it",
            ],
        ),
        (
            """UPDATE version SET body = replace(body, '"latency":1', '"latency":2') WHERE resource_version = 3""",
            ["revision 2, Provider/b: its content is not what was committed"],
        ),
        (
            "UPDATE version SET digest = 'sha256:0' WHERE resource_version = 3",
            ["revision 2, Provider/b: its content is not what was committed"],
        ),
        (
            "UPDATE version SET body = 'secret' WHERE resource_version = 3",
            ["revision 2, Provider/b: the stored row of Provider/b can't be read"],
        ),
        (
            "UPDATE version SET valid_to = 4 WHERE resource_version = 1",
            ["revision 1, Provider/a: its version is valid for other revisions than its events say"],
        ),
        (
            "UPDATE version SET name = 'z' WHERE resource_version = 3",
            ["revision 2, Provider/b: its version is filed under Provider/z"],
        ),
        (
            "DELETE FROM version WHERE resource_version = 3",
            ["revision 2, Provider/b: its version is missing"],
        ),
        (
            "UPDATE version SET resource_version = 50 WHERE resource_version = 3",
            [
                "revision 2, Provider/b: its version is missing",
                "revision 2, Provider/b: no event made this version",
                "revision 2, Provider/b: its uid, generation, times, managers, source or path was changed",
            ],
        ),
        (
            "UPDATE event SET digest_before = 'sha256:0' WHERE resource_version = 3",
            [
                "revision 2: it is not what its digest signed",
                "revision 2, Provider/b: its event does not follow the one before",
            ],
        ),
        (
            "UPDATE event SET resource_version = 99 WHERE resource_version = 5",
            [
                "revision 3: the resourceVersions of its events have a gap",
                "revision 3, Provider/c: its event stands behind those of a later revision",
                "revision 3, Provider/c: its version is missing",
                "revision 3, Provider/c: no event made this version",
                "the store: the last resourceVersion is 99, and the store says 6",
            ],
        ),
    ],
)
def test_what_was_tampered_with_is_located(path: Path, statement: str, places: list[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1
    assert [str(problem) for problem in _problems(path)] == places


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a row in every table."""
    path = tmp_path_factory.mktemp("full") / "store.db"
    entry = VaultEntry("v-1", "default/Provider/b/spec.config.apiKey", b"token", "f1-0", "key-1")
    with open_writer(path) as writer:
        writer.commit(
            [put(provider("a"), managers=(OWNER,), source="acme", path="a.yaml")], base=0, meta=META
        )
        writer.commit([put(provider("b"))], base=1, meta=META, seals=[entry])
        writer.commit(
            [drop(provider("b"))], base=2, meta=META, holds=[Hold(provider("b").key, "acme", "digest")]
        )
        claimed = put(provider("a"), managers=(OWNER,), source="other", path="b.yaml")
        assert writer.commit([claimed], base=3, meta=META).number == 3
        writer.add_token(Token("a" * 12, "ci", "sha256:0", Role.ADMIN, (), None, "2026", "local:ada"))
    return path


def _unlock(connection: sqlite3.Connection) -> None:
    """As somebody who can write the file."""
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("DROP TRIGGER audit_no_delete")


COLUMNS = [
    (table.name, column.name) for table in StoreTable.metadata.sorted_tables for column in table.columns
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_column_of_any_row_can_be_changed_unnoticed(
    full: Path, tmp_path: Path, table: str, column: str
) -> None:
    """By hand, that is: whoever computes all digests and checksums anew is met by a head kept elsewhere."""
    assert _problems(full) == []
    with closing(sqlite3.connect(full)) as connection:
        rows = [rowid for (rowid,) in connection.execute(f"SELECT rowid FROM {table}")]
    assert rows
    for rowid in rows:
        path = tmp_path / f"{rowid}.db"
        files.copy(full, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            _unlock(connection)
            statement = f'UPDATE {table} SET "{column}" = {_other(connection, table, column)} WHERE rowid = ?'
            assert connection.execute(statement, (rowid,)).rowcount == 1
        assert _problems(path), f"{table}.{column} of row {rowid} was changed, and nobody noticed"


def _other(connection: sqlite3.Connection, table: str, column: str) -> str:
    """Another value of the same type; a number that is no other row's."""
    kinds = {name: kind for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")}
    match kinds[column]:
        case "INTEGER":
            return f'coalesce("{column}", 0) + 90'
        case "BOOLEAN":
            return f'1 - "{column}"'
        case "BLOB":
            return f"CAST(\"{column}\" || 'x' AS BLOB)"
        case _:
            return f"coalesce(\"{column}\", '') || '1'"


@pytest.mark.parametrize("table", sorted(StoreTable.metadata.tables))
def test_no_row_can_be_removed_unnoticed(full: Path, tmp_path: Path, table: str) -> None:
    """But for a sealed value that nothing names, and the count of claims: nothing hangs on them."""
    with closing(sqlite3.connect(full)) as connection:
        rows = [(row[0], row[1]) for row in connection.execute(f"SELECT rowid, * FROM {table}")]
    unnoticed = []
    for rowid, name in rows:
        path = tmp_path / f"{rowid}.db"
        files.copy(full, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            _unlock(connection)
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
        if not _problems(path):
            unnoticed.append(name)
    assert unnoticed == {"vault": ["v-1"], "meta": ["claims"]}.get(table, [])


def test_what_belongs_to_no_revision_is_named(full: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    files.copy(full, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE version SET source = 'eve' WHERE name = 'a'")
        connection.execute("UPDATE vault SET ciphertext = x'00'")
        connection.execute("UPDATE hold SET declared = NULL")
        connection.execute("UPDATE meta SET value = '9' WHERE key = 'claims'")
        connection.execute("INSERT INTO hold VALUES ('Model', 'default', 'm', 'acme', NULL, 1, '')")
        connection.execute("UPDATE ownership SET source = 'eve'")
        connection.execute("INSERT INTO ownership VALUES (1, 9, '[]', NULL, NULL, '')")
        connection.execute("INSERT INTO ownership VALUES (9, 2, '[]', NULL, NULL, '')")
    assert [str(problem) for problem in _problems(path)] == [
        "revision 1, Provider/a: its uid, generation, times, managers, source or path was changed",
        "revision 1, Provider/a: its managers, source or path before revision 3 were changed",
        "revision 1, Provider/a: its managers, source or path before revision 9 were changed",
        "the store: it tells of earlier owners of a version that is not there: 9",
        "the store: the sealed value v-1 of default/Provider/b/spec.config.apiKey is not what was written",
        "Provider/b: the hold on it against acme is not what was written",
        "Model/m: the hold on it against acme is not what was written",
        'the store: the fact "claims" of the store is not what was written',
        "the store: 2 holds are there, and the store says 1",
        "the store: 3 earlier owners are there, and the store says 1",
    ]


def test_a_value_of_another_type_is_named(full: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    files.copy(full, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE event SET revision = 'x' WHERE resource_version = 1")
        connection.execute("UPDATE version SET generation = 1.5 WHERE resource_version = 1")
    assert [str(problem) for problem in _problems(path)] == [
        "the store: a value is of the wrong type: version, row 1, column generation",
        "the store: a value is of the wrong type: event, row 1, column revision",
    ]
