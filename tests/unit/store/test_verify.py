import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import commit_all, drop, provider, put

from reconciler.store.reader import Reader
from reconciler.store.verify import Problem, verify


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
        "revision 0: the digest of the head is not x"
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
            ["revision 2: it is not what its digest signed", "revision 3: it is not what its digest signed"],
        ),
        (
            "DELETE FROM revision WHERE number = 4",
            ["revision 4, Provider/a: an event names a revision that does not exist"],
        ),
        (
            "UPDATE revision SET number = 9 WHERE number = 4",
            [
                "revision 4, Provider/a: an event names a revision that does not exist",
                "revision 9: it does not follow revision 3",
                "revision 9: it has no events",
                "revision 9: it is not what its digest signed",
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
                "revision 3, Provider/c: its version is missing",
                "revision 3, Provider/c: no event made this version",
            ],
        ),
    ],
)
def test_what_was_tampered_with_is_located(path: Path, statement: str, places: list[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1
    assert [str(problem) for problem in _problems(path)] == places
