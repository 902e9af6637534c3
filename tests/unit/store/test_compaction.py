import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.store import META, commit_all, drop, open_writer, provider, put, vault_ids
from fakes.store_processes import killed_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.errors import NotFound, StoreError
from reconciler.resources.state import State
from reconciler.store.compaction import Compaction, Keep, compact, preview
from reconciler.store.reader import Reader
from reconciler.store.records import Edit, Hold, StaleBase, VaultEntry
from reconciler.store.verify import verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    commit_all(
        path,
        [put(provider("a")), put(provider("b"))],
        [put(provider("b", latency=1))],
        [drop(provider("a")), put(provider("b", latency=2))],
        [put(provider("c"))],
    )
    return path


def _states(path: Path, numbers: Sequence[int]) -> list[State]:
    with Reader(path) as reader:
        return [reader.state_at(number) for number in numbers]


def test_what_no_kept_revision_holds_goes(path: Path) -> None:
    before = _states(path, [2, 3, 4])
    done = compact(path, Keep(revisions=2))
    assert (done.head, done.compacted, done.versions, done.sealed_values) == (4, 2, 1, 0)
    assert _states(path, [2, 3, 4]) == before
    with Reader(path) as reader:
        assert verify(reader) == []
        assert reader.compacted() == 2
        assert [revision.number for revision in reader.revisions()] == [4, 3, 2, 1]
        assert len(reader.events(1)) == 2
        assert list(reader.state_at(0)) == []
        with pytest.raises(NotFound, match=r"revision 1 was compacted.*from revision 2 on"):
            reader.state_at(1)


def test_a_preview_says_the_same_and_removes_nothing(path: Path) -> None:
    planned = preview(path, Keep(revisions=1))
    assert planned == Compaction(4, 3, 3, 0)
    with Reader(path) as reader:
        assert len(reader.versions()) == 5
        assert reader.compacted() == 0
    assert compact(path, Keep(revisions=1)).versions == planned.versions


@pytest.mark.parametrize(
    ("keep", "compacted"),
    [
        (Keep(revisions=4), 0),
        (Keep(revisions=99), 0),
        (Keep(since="2026-01-01T00:00:03Z"), 2),
        (Keep(since="2025-01-01T00:00:00Z"), 0),
        (Keep(since="2027-01-01T00:00:00Z"), 3),
    ],
)
def test_what_is_kept_is_told_by_number_or_by_time(path: Path, keep: Keep, compacted: int) -> None:
    assert preview(path, keep).compacted == compacted


def test_a_second_one_never_gives_back_what_the_first_took(path: Path) -> None:
    compact(path, Keep(revisions=1))
    assert compact(path, Keep(revisions=3)).compacted == 3
    with Reader(path) as reader:
        assert verify(reader) == []


def test_followers_hear_of_what_went_meanwhile(path: Path) -> None:
    """One that last saw a revision which is compacted by now still learns what is gone."""
    with Reader(path) as reader:
        known = reader.state_at(1)
        before = reader.changes_between(1, 4)
        compact(path, Keep(revisions=1))
        assert reader.changes_between(1, 4) == before
        assert [key for key, stored in before if stored is None] == [provider("a").key]
        assert provider("a").key in known
        with pytest.raises(NotFound, match="compacted"):
            reader.changes_between(4, 1)
        assert [stored for _, stored in reader.changes_between(4, 0)] == [None, None]


def _sealed(path: Path) -> None:
    """Revision 1 names v-1, revision 2 names v-2; both are in the vault, and a hold is there."""
    with open_writer(path) as writer:
        for number in (1, 2):
            entry = VaultEntry(f"v-{number}", "default/Provider/a/spec.config.apiKey", b"token", "f1-", "key")
            writer.commit(
                [put(provider("a", config={"apiKey": {"sealed": entry.id}}))],
                base=number - 1,
                meta=META,
                seals=[entry],
                holds=[Hold(provider("a").key, "acme", None)],
            )


def test_a_sealed_value_goes_with_the_last_version_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    _sealed(path)
    assert preview(path, Keep(revisions=1)).sealed_values == 0
    with open_writer(path) as writer:
        writer.commit([put(provider("b"))], base=2, meta=META)
    assert compact(path, Keep(revisions=1)).sealed_values == 1
    assert vault_ids(path) == ["v-2"]
    with Reader(path) as reader:
        assert verify(reader) == []
        assert len(reader.holds()) == 1


def test_a_commit_that_was_planned_with_a_sealed_value_that_went_is_planned_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    _sealed(path)
    with open_writer(path) as writer:
        writer.commit([put(provider("b"))], base=2, meta=META)
        compact(path, Keep(revisions=1))
        back = put(provider("a", config={"apiKey": {"sealed": "v-1"}}))
        with pytest.raises(StaleBase):
            writer.commit([back], base=3, meta=META)
        assert writer.commit([put(provider("a", config={}))], base=3, meta=META).number == 4
    with Reader(path) as reader:
        assert verify(reader) == []


def test_the_file_gives_its_space_back(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, *([put(provider("a", text=f"{number}" * 40_000))] for number in range(20)))
    before = path.stat().st_size
    freed = compact(path, Keep(revisions=1)).freed
    assert freed is not None
    assert path.stat().st_size == before - freed
    assert freed > before / 2


def test_a_file_that_others_read_keeps_its_space_and_is_compacted_all_the_same(path: Path) -> None:
    with Reader(path) as other, other.consistent():
        other.head()
        assert compact(path, Keep(revisions=1)).versions == 3
        assert other.state_at(1).revision == 1  # what it began to read is as it was
    with Reader(path) as reader:
        assert verify(reader) == []


def test_who_is_killed_in_it_leaves_the_store_as_it_was(path: Path) -> None:
    before = _states(path, range(5))
    killed_at("before-compacted", path)
    assert _states(path, range(5)) == before
    assert compact(path, Keep(revisions=1)).versions == 3


def test_owners_stay_for_as_long_as_somebody_may_ask_for_them(path: Path) -> None:
    a, b, c = provider("a"), provider("b", latency=2), provider("c")
    with open_writer(path) as writer:
        writer.commit([put(c, source="one"), put(a)], base=4, meta=META)
        writer.commit([put(c, source="two"), put(b, source="two"), drop(a)], base=5, meta=META)
    before = _states(path, range(7))
    assert compact(path, Keep(revisions=2)).compacted == 4
    assert _states(path, [4, 5, 6]) == before[4:]
    assert [state[c.key].source for state in before[4:]] == [None, "one", "two"]
    compact(path, Keep(revisions=1))
    assert _states(path, [5, 6]) == before[5:]
    with Reader(path) as reader:
        assert verify(reader) == []
        assert len(reader.unsigned("ownership")) == 2
    compact(path, Keep(revisions=0, since="9999"))
    with Reader(path) as reader:
        assert verify(reader) == []


def test_what_should_have_gone_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        kept = connection.execute("SELECT * FROM version WHERE resource_version = 1").fetchone()
    compact(path, Keep(revisions=1))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"INSERT INTO version VALUES ({', '.join('?' * len(kept))})", kept)
    with Reader(path) as reader:
        (problem,) = verify(reader)
    assert "the history says that it was compacted up to revision 3" in problem.message


def test_where_there_is_no_store_it_says_so(tmp_path: Path) -> None:
    for call in (preview, compact):
        with pytest.raises(StoreError, match="no store"):
            call(tmp_path / "store.db", Keep(revisions=1))


_NAMES = st.sampled_from("abcd")
_COMMITS = st.lists(
    st.dictionaries(_NAMES, st.none() | st.integers(0, 3), min_size=1, max_size=3), min_size=1, max_size=8
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_COMMITS, st.integers(1, 9))
def test_every_kept_state_is_as_it_was(commits: list[dict[str, int | None]], keep: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with open_writer(path) as writer:
            head = 0
            for commit in commits:
                edits: list[Edit] = [
                    put(provider(name, latency=value)) if value is not None else drop(provider(name))
                    for name, value in commit.items()
                ]
                head = writer.commit(edits, base=head, meta=META).number
        before = _states(path, range(head + 1))
        done = compact(path, Keep(revisions=keep))
        assert done.compacted == max(0, head - keep)
        assert _states(path, range(done.compacted, head + 1)) == before[done.compacted :]
        with Reader(path) as reader:
            assert verify(reader) == []
            for number in range(head + 1):
                expected = {
                    key: before[head].get(key)
                    for key in {*before[number], *before[head]}
                    if before[number].get(key) != before[head].get(key)
                }
                assert dict(reader.changes_between(number, head)) == expected
