import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import META, commit_all, drop, open_writer, provider, put

from reconciler.errors import NotFound, StoreError
from reconciler.resources.resource import ResourceKey
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta, Sought, StoreMissing, VaultEntry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three revisions: a and b; b changed and c added; a gone."""
    path = tmp_path / "store.db"
    commit_all(
        path,
        [put(provider("a"), source="one"), put(provider("b"))],
        [put(provider("b", latency=1)), put(provider("c", namespace="team"), source="two")],
        [drop(provider("a"))],
    )
    return path


def _names(keys: object) -> list[str]:
    return [key.name for key in keys]  # type: ignore[attr-defined]  # anything iterable of keys


def test_importing_it_does_not_import_the_write_half() -> None:
    code = (
        "import sys, reconciler.store.reader, reconciler.store.events, reconciler.store.verify,"
        " reconciler.store.observations, reconciler.store.url;"
        "heavy = {'sqlalchemy', 'sqlmodel', 'pydantic', 'reconciler.store.tables', 'reconciler.store.engine'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
        ).stdout
        == "[]\n"
    )


def test_the_state_now_and_then(path: Path) -> None:
    with Reader(path) as reader:
        assert (reader.head(), reader.state().revision) == (3, 3)
        assert _names(reader.state()) == ["b", "c"]
        assert [_names(reader.state_at(n)) for n in (0, 1, 2, 3)] == [
            [],
            ["a", "b"],
            ["a", "b", "c"],
            ["b", "c"],
        ]
        assert reader.state_at(1)[provider("b").key].resource == provider("b")
        assert reader.state_at(2).revision == 2


def test_owners_are_those_that_stood_when_the_next_revision_was_made(tmp_path: Path) -> None:
    """None of the second to fourth commit changes what `a` is: who declares it moves alone, or beside another's change."""
    path = tmp_path / "store.db"
    a = provider("a")
    with open_writer(path) as writer:
        writer.commit([put(a, source="one", path="1.yaml")], base=0, meta=META)
        writer.commit([put(a, source="two")], base=1, meta=META)
        writer.commit([put(a, source="three"), put(provider("b"))], base=1, meta=META)
        writer.commit([put(provider("b", latency=1))], base=2, meta=META)
        writer.commit([put(a, source="four")], base=3, meta=META)
        writer.commit([put(a, source="five")], base=3, meta=META)
        writer.commit([put(provider("c"))], base=3, meta=META)
    with Reader(path) as reader:
        assert [reader.state_at(n)[a.key].source for n in (1, 2, 3, 4)] == ["two", "three", "five", "five"]
        (one, two) = (reader.get(a.key, at=n) for n in (1, 4))
        assert one is not None
        assert two == reader.get(a.key)
        assert (one.source, one.resource_version) == ("two", 1)


@pytest.mark.parametrize("number", [-1, 4])
def test_a_revision_that_is_not_there_is_not_found(path: Path, number: int) -> None:
    with Reader(path) as reader:
        with pytest.raises(NotFound, match="the newest is 3"):
            reader.state_at(number)
        with pytest.raises(NotFound):
            reader.revision(number)


def test_one_resource_and_all_of_a_kind(path: Path) -> None:
    with Reader(path) as reader:
        stored = reader.get(provider("b").key)
        assert stored is not None
        assert stored.resource == provider("b", latency=1)
        assert reader.get(provider("a").key) is None
        for number in range(4):
            state = reader.state_at(number)
            assert all(reader.get(key, at=number) == state.get(key) for key in reader.state_at(2))
        assert _names(each.key for each in reader.list("Provider")) == ["b", "c"]
        assert _names(each.key for each in reader.list("Provider", "team")) == ["c"]
        assert reader.list("Model") == ()


def test_the_revisions_that_changed_a_resource(path: Path) -> None:
    with Reader(path) as reader:
        assert reader.revisions_of(provider("a").key) == (3, 1)
        assert reader.revisions_of(provider("b").key) == (2, 1)
        assert reader.revisions_of(provider("never").key) == ()


def test_the_history_newest_first(path: Path) -> None:
    with Reader(path) as reader:
        assert [revision.number for revision in reader.revisions()] == [3, 2, 1]
        assert [revision.number for revision in reader.revisions(limit=1)] == [3]
        assert [revision.number for revision in reader.revisions(limit=5, before=3)] == [2, 1]
        assert reader.head_revision() == reader.revision(3)


def test_events_say_what_a_revision_changed(path: Path) -> None:
    with Reader(path) as reader:
        assert [(event.type, event.key.name) for event in reader.events(2)] == [
            ("MODIFIED", "b"),
            ("ADDED", "c"),
        ]
        assert [event.resource_version for event in reader.events()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0, 1, {"a": True, "b": True}),
        (1, 2, {"b": True, "c": True}),
        (1, 3, {"a": False, "b": True, "c": True}),
        (3, 1, {"a": True, "b": True, "c": False}),
        (3, 0, {"b": False, "c": False}),
        (2, 2, {}),
    ],
)
def test_the_changes_between_two_revisions(path: Path, a: int, b: int, expected: dict[str, bool]) -> None:
    with Reader(path) as reader:
        changes = reader.changes_between(a, b)
        assert {key.name: stored is not None for key, stored in changes} == expected
        for key, stored in changes:
            assert stored == reader.state_at(b).get(key)


def test_an_empty_store_has_an_empty_state(tmp_path: Path) -> None:
    commit_all(tmp_path / "store.db")
    with Reader(tmp_path / "store.db") as reader:
        assert (reader.head(), reader.head_revision(), len(reader.state()), reader.state().revision) == (
            0,
            None,
            0,
            0,
        )


def test_the_sources_that_were_ever_applied(path: Path) -> None:
    with Reader(path) as reader:
        assert reader.sources() == {"one", "two", META.source}


def test_what_the_vault_holds(path: Path) -> None:
    entries = [VaultEntry(f"v-{n}", f"place-{n % 2}", b"x", f"print-{n}", "key-1") for n in range(3)]
    with open_writer(path) as writer:
        writer.commit([], base=3, meta=META, seals=entries)
    with Reader(path) as reader:
        assert reader.vault_entry("v-0") == entries[0]
        assert reader.vault_entry("v-9") is None
        assert reader.vault_fingerprints(["place-0"]) == {
            ("place-0", "print-0"): "v-0",
            ("place-0", "print-2"): "v-2",
        }
        assert reader.key_ids() == {"key-1"}


def test_inside_consistent_nothing_moves(path: Path) -> None:
    with Reader(path) as reader, open_writer(path) as writer:
        with reader.consistent():
            assert reader.head() == 3
            writer.commit([put(provider("new"))], base=3, meta=META)
            assert reader.head() == 3
            assert len(reader.state()) == 2
        assert reader.head() == 4


def test_reading_does_not_make_a_writer_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.store.failures.BUSY_SECONDS", 0.0)
    with Reader(path) as reader, reader.consistent(), open_writer(path) as writer:
        reader.state()
        assert writer.commit([put(provider("new"))], base=3, meta=META).number == 4


def test_a_store_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="routerctl apply"):
        Reader(tmp_path / "none.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreMissing):
        Reader(tmp_path / "empty.db")
    assert not (tmp_path / "none.db").exists()


def test_a_damaged_store_is_said_so(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), Reader(path) as reader:
        reader.state()


def test_a_row_that_can_not_be_read_is_named(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE version SET body = '{' WHERE name = 'c'")
    with Reader(path) as reader:
        with pytest.raises(StoreError, match="Provider/team/c"):
            reader.state()
        assert reader.get(ResourceKey("Provider", "default", "b")) is not None


def test_revisions_are_found_by_what_they_did(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_writer(path) as writer:
        for number, (meta, names) in enumerate(
            [
                (RevisionMeta("ada", "apply", "one"), ["a", "b"]),
                (RevisionMeta("eve", "apply", "two"), ["b"]),
                (RevisionMeta("ada", "rollback"), ["a"]),
            ]
        ):
            edits = [put(provider(name, namespace="team", latency=number)) for name in names]
            writer.commit(edits, base=number, meta=meta)
    a, b = (provider(name, namespace="team").key for name in "ab")
    expected = {
        Sought(): [3, 2, 1],
        Sought(keys=(a,)): [3, 1],
        Sought(keys=(a, b)): [3, 2, 1],
        Sought(keys=(a._replace(namespace="default"),)): [],
        Sought(namespace="team"): [3, 2, 1],
        Sought(namespace="default"): [],
        Sought(author="ada"): [3, 1],
        Sought(source="two"): [2],
        Sought(author="ada", source="two"): [],
        Sought(since="2026-01-01T00:00:02Z"): [3, 2],
    }
    with Reader(path) as reader:
        for sought, numbers in expected.items():
            assert [revision.number for revision in reader.find_revisions(sought)] == numbers, sought
        assert [each.number for each in reader.find_revisions(Sought(keys=(a,)), limit=1)] == [3]
        assert reader.event_counts([1, 2]) == {1: {"ADDED": 2}, 2: {"MODIFIED": 1}}
        assert reader.event_counts([]) == {}


def test_a_fact_that_is_no_number_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO meta VALUES ('compacted', 'x', '')")
    with Reader(path) as reader, pytest.raises(StoreError, match='"compacted" of the store is no number'):
        reader.state_at(1)


def test_events_with_their_revisions(path: Path) -> None:
    with Reader(path) as reader:

        def told(
            sought: Sought, *, after: int = 0, limit: int | None = None
        ) -> list[tuple[int, str, str, int]]:
            found = reader.logged(sought, after=after, limit=limit)
            return [
                (event.resource_version, event.type, event.key.name, revision.number)
                for event, revision in found
            ]

        everything = [
            (1, "ADDED", "a", 1),
            (2, "ADDED", "b", 1),
            (3, "MODIFIED", "b", 2),
            (4, "ADDED", "c", 2),
            (5, "DELETED", "a", 3),
        ]
        assert told(Sought()) == everything
        assert told(Sought(), limit=2) == everything[-2:]
        assert told(Sought(), after=3) == everything[3:]
        assert told(Sought(namespace="team")) == [everything[3]]
        assert told(Sought(keys=(ResourceKey("Provider", "default", "a"),))) == [everything[0], everything[4]]
        assert told(Sought(since=reader.revision(3).time)) == everything[4:]
        assert reader.find_revision(4) is None
