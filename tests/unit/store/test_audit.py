import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, drop, open_writer, provider, put

from reconciler.resources.principal import UNKNOWN, Principal, Role
from reconciler.store import audit
from reconciler.store.audit import AuditRow, Deed
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.records import Hold, RevisionMeta
from reconciler.store.tokens import Token
from reconciler.store.verify import verify
from reconciler.store.writer import Writer

CI = Principal("token:ci", Role.OPERATOR, address="192.0.2.7", acting_as="Ada")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a")), put(provider("b"))], [drop(provider("b"))])
    return path


def rows(path: Path, principal: str | None = None, limit: int | None = None) -> list[AuditRow]:
    with Reader(path) as reader:
        return audit.rows(reader, principal=principal, limit=limit)


def problems(path: Path) -> list[str]:
    with Reader(path) as reader:
        return [str(each) for each in verify(reader)]


def test_a_commit_writes_who_did_it(path: Path) -> None:
    writer = Writer(open_engine(path), SteppingClock(), caller=CI)
    with closing(writer):
        writer.commit([put(provider("c"))], base=2, meta=RevisionMeta("ada", "patch", manager="api:token:ci"))
    told = [
        (row.number, row.principal, row.operation, row.target, row.manager, row.revision)
        for row in rows(path)
    ]
    assert told == [
        (1, "local:ada", "apply", "2 resources", "git:github.com/acme/routing", 1),
        (2, "local:ada", "apply", "Provider/b", "git:github.com/acme/routing", 2),
        (3, "token:ci", "patch", "Provider/c", "api:token:ci", 3),
    ]
    assert (rows(path)[2].address, rows(path)[2].acting_as, rows(path)[2].outcome) == (
        "192.0.2.7",
        "Ada",
        "done",
    )
    assert [row.number for row in rows(path, "local:ada", limit=1)] == [2]
    with Reader(path) as reader:
        assert rows(path)[2].time == reader.revision(3).time
        assert [row.number for row in audit.rows(reader, after=2)] == [3]
    assert problems(path) == []


def test_what_makes_no_revision_is_written_down_all_the_same(path: Path) -> None:
    token = Token("a" * 12, "ci", "sha256:0", Role.ADMIN, (), None, "2026", "local:ada")
    with open_writer(path) as writer:
        hold = Hold(provider("a").key, "acme", None)
        writer.commit([], base=2, meta=META, holds=[hold])
        writer.release_holds(source="acme")
        assert writer.release_holds(source="acme") == ()
        writer.add_token(token)
        writer.revoke_token(token)
        writer.revoke_token(token)
        writer.commit([], base=2, meta=META)
    audit.note(path, CI, Deed("POST", "/hooks/git", outcome="refused: 401"), SteppingClock())
    told = [(row.principal, row.operation, row.target, row.revision, row.outcome) for row in rows(path)[2:]]
    assert told == [
        ("local:ada", "apply", "holds and sealed values", None, "done"),
        ("local:unknown", "resume", "source acme", None, "done"),
        ("local:unknown", "token create", f"token ci ({'a' * 12})", None, "done"),
        ("local:unknown", "token revoke", f"token ci ({'a' * 12})", None, "done"),
        ("token:ci", "POST", "/hooks/git", None, "refused: 401"),
    ]
    assert problems(path) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET principal = 'eve'", "DELETE FROM audit WHERE number = 2"]
)
def test_the_table_only_grows(path: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE audit SET principal = 'eve' WHERE number = 1",
            "row 1 of the audit is not what its digest signed",
        ),
        (
            "UPDATE audit SET address = '::1' WHERE number = 2",
            "row 2 of the audit is not what its digest signed",
        ),
        ("UPDATE audit SET revision = NULL WHERE number = 2", "no row of the audit tells who made it"),
        ("DELETE FROM audit WHERE number = 1", "row 1 of the audit is missing"),
        ("DELETE FROM audit WHERE number = 2", "the audit has 1 rows, and the store says 2"),
        ("DELETE FROM audit", "the audit has 0 rows, and the store says 2"),
        (
            "UPDATE audit SET digest = 'sha256:0' WHERE number = 1",
            "row 2 of the audit is not what its digest signed",
        ),
    ],
)
def test_who_can_write_the_file_is_found_out(path: Path, statement: str, problem: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert [each for each in problems(path) if problem in each] != []


def test_a_rewritten_tail_is_met_by_a_digest_kept_elsewhere(path: Path) -> None:
    """Whoever computes all digests and checksums anew leaves nothing else to see."""
    kept = rows(path)[-1].digest
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE number = 2")
        audit.append(
            audit.on(connection), UNKNOWN, Deed("apply", "Provider/b", None, 2), "2026-01-01T00:00:00Z"
        )
    assert problems(path) == []
    with Reader(path) as reader:
        assert [str(each) for each in verify(reader, head=kept)] == [
            f"revision 2: the digest of the head is not {kept}"
        ]
        assert verify(reader, head=audit.rows(reader)[-1].digest) == []


def test_the_audit_signs_revisions_as_well(path: Path) -> None:
    """A chain of revisions that was rewritten by itself does not fit the audit."""
    revisions = {1: "sha256:a", 2: "sha256:b"}
    found = audit.problems(rows(path), revisions, {audit.LAST: 2})
    assert [number for number, _ in found] == [1, 2]
    assert audit.problems(rows(path), {1: "sha256:a"}, {audit.LAST: 2})[-1] == (
        2,
        "row 2 of the audit tells of it, and it is not there",
    )
