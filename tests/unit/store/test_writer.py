from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, drop, open_writer, provider, put
from sqlalchemy import event

from reconciler.errors import Conflict, InvalidInput, StoreError
from reconciler.resources.resource import FieldManager
from reconciler.store import codec
from reconciler.store.engine import _begin_immediate, open_engine
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE, Hold, StaleBase, VaultEntry
from reconciler.store.writer import Writer

_SEAL = VaultEntry("v-1", "default/Provider/a/spec.config.apiKey", b"token", "fp", "key-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_commit_is_a_revision_with_its_parent_and_its_reasons(path: Path) -> None:
    one, two = commit_all(path, [put(provider("a"))], [put(provider("b"))])
    assert (one.number, one.parent, two.number, two.parent) == (1, 0, 2, 1)
    assert (one.actor, one.operation, one.source, one.commit, one.message) == (
        "ada",
        "apply",
        "github.com/acme/routing",
        "1a2b3c",
        "first",
    )
    assert one.time == "2026-01-01T00:00:01Z"
    with Reader(path) as reader:
        assert reader.revisions() == (two, one)
        assert two.digest == codec.revision_digest(two, one.digest, reader.events(2))
        assert one.digest == codec.revision_digest(one, None, reader.events(1))


def test_whether_the_checkout_was_dirty_is_kept(path: Path) -> None:
    with open_writer(path) as writer:
        dirty = writer.commit([put(provider("a"))], base=0, meta=replace(META, dirty=True))
        assert writer.commit([], base=1, meta=META) == dirty
    with Reader(path) as reader:
        assert reader.revision(1).dirty is True


def test_resource_versions_are_contiguous_and_never_used_twice(path: Path) -> None:
    commit_all(
        path,
        [put(provider("a")), put(provider("b"))],
        [drop(provider("b")), put(provider("c"))],
        [drop(provider("a")), drop(provider("c"))],
        [put(provider("a"))],
    )
    with Reader(path) as reader:
        assert [[e.resource_version for e in reader.events(n)] for n in (1, 2, 3, 4)] == [
            [1, 2],
            [3, 4],
            [5, 6],
            [7],
        ]


def test_a_uid_is_kept_over_versions_and_is_new_after_a_deletion(path: Path) -> None:
    commit_all(
        path,
        [put(provider("a"))],
        [put(provider("a", latency=1))],
        [drop(provider("a"))],
        [put(provider("a"))],
    )
    with Reader(path) as reader:
        first, second, _, fourth = (reader.state_at(n).get(provider("a").key) for n in (1, 2, 3, 4))
    assert first is not None
    assert second is not None
    assert fourth is not None
    assert (first.uid, first.generation, second.generation) == (second.uid, 1, 2)
    assert second.creation_timestamp == first.creation_timestamp
    assert (fourth.uid != first.uid, fourth.generation) == (True, 1)


def test_more_edits_than_are_looked_up_by_key_count_the_same(path: Path) -> None:
    many = [put(provider(f"p-{n}")) for n in range(400)]
    commit_all(path, many, [put(provider(f"p-{n}", latency=1)) for n in range(400)])
    with Reader(path) as reader:
        assert {stored.generation for stored in reader.state().values()} == {2}
        assert len(reader.state_at(1)) == 400


def test_a_commit_that_changes_nothing_makes_no_revision(path: Path) -> None:
    (one,) = commit_all(path, [put(provider("a"))])
    with open_writer(path) as writer:
        assert writer.commit([put(provider("a")), drop(provider("b"))], base=1, meta=META) == one
        assert writer.commit([], base=1, meta=META) == one
    with Reader(path) as reader:
        assert reader.head() == 1


def test_an_empty_commit_to_an_empty_store_returns_no_revision(path: Path) -> None:
    with open_writer(path) as writer:
        assert writer.commit([], base=0, meta=META) is EMPTY_STORE


def test_a_stale_base_is_refused_and_nothing_is_written(path: Path) -> None:
    commit_all(path, [put(provider("a"))], [put(provider("b"))])
    with open_writer(path) as writer, pytest.raises(StaleBase) as caught:
        writer.commit([put(provider("c"))], base=1, meta=META, seals=[_SEAL])
    assert isinstance(caught.value, Conflict)
    assert (caught.value.base, caught.value.head) == (1, 2)
    assert "revision 2" in str(caught.value)
    with Reader(path) as reader:
        assert reader.head() == 2
        assert reader.vault_entry(_SEAL.id) is None


def test_where_transactions_fail_the_unique_parent_still_stops_the_second_commit(path: Path) -> None:
    """The clock is read between the head and the insert: the moment at which another commit slips in."""
    commit_all(path, [put(provider("a"))])
    engine = open_engine(path)
    event.remove(engine, "begin", _begin_immediate)

    class CommittingClock(SteppingClock):
        def now(self) -> datetime:
            with open_writer(path) as other:
                other.commit([put(provider("b"))], base=1, meta=META)
            return datetime(2026, 1, 1, tzinfo=UTC)

    writer = Writer(engine, CommittingClock())
    with pytest.raises(StaleBase, match="has moved"):
        writer.commit([put(provider("c"))], base=1, meta=META)
    writer.close()
    with Reader(path) as reader:
        assert (reader.head(), len(reader.state())) == (2, 2)


def test_seals_are_written_with_the_revision_that_needs_them(path: Path) -> None:
    with open_writer(path) as writer:
        writer.commit([put(provider("a"))], base=0, meta=META, seals=[_SEAL])
    with Reader(path) as reader:
        assert reader.vault_entry("v-1") == _SEAL


def test_a_seal_is_never_overwritten_and_its_commit_fails_whole(path: Path) -> None:
    with open_writer(path) as writer:
        writer.commit([put(provider("a"))], base=0, meta=META, seals=[_SEAL])
        with pytest.raises(StoreError):
            writer.commit(
                [put(provider("b"))], base=1, meta=META, seals=[replace(_SEAL, ciphertext=b"other")]
            )
    with Reader(path) as reader:
        assert reader.head() == 1
        assert reader.vault_entry("v-1") == _SEAL


def test_holds_are_put_replaced_and_released_with_and_without_a_revision(path: Path) -> None:
    key = provider("a").key
    other = provider("b").key
    with open_writer(path) as writer, open_writer(path) as second:
        writer.commit(
            [put(provider("a"))], base=0, meta=META, holds=[Hold(key, "s", "d1"), Hold(other, "s", None)]
        )
        with Reader(path) as reader:
            assert reader.holds() == (Hold(key, "s", "d1", 1), Hold(other, "s", None, 1))
        writer.commit([], base=1, meta=META, holds=[Hold(key, "s", "d2", 7)], releases=[(other, "s")])
        with Reader(path) as reader:
            assert reader.holds() == (Hold(key, "s", "d2", 7),)
            assert reader.head() == 1
        assert second.release_holds(source="elsewhere") == ()
        assert second.release_holds(source="s", keys=[other]) == ()
        assert second.release_holds(source="s") == (Hold(key, "s", "d2", 7),)
    with Reader(path) as reader:
        assert reader.holds() == ()


def test_the_stored_resource_is_what_was_given(path: Path) -> None:
    manager = FieldManager("git:acme", "Apply", {"f:spec": {"f:type": {}}}, "2026-01-01T00:00:00Z")
    resource = replace(provider("a", namespace="team", labels={"l": "v"}, text="é"), annotations={"n": "w"})
    commit_all(path, [put(resource, managers=(manager,), source="s", path="dir/a.yaml")])
    with Reader(path) as reader:
        stored = reader.get(resource.key)
    assert stored is not None
    assert stored.resource == resource
    assert (stored.managed_fields, stored.source, stored.path) == ((manager,), "s", "dir/a.yaml")
    assert (stored.resource_version, stored.revision, stored.generation) == (1, 1, 1)


def test_what_can_not_be_stored_fails_the_whole_commit(path: Path) -> None:
    with open_writer(path) as writer, pytest.raises(InvalidInput):
        writer.commit([put(provider("a")), put(provider("b", latency=2**60))], base=0, meta=META)
    with Reader(path) as reader:
        assert len(reader.state()) == 0


def test_a_claim_moves_no_head_but_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    with open_writer(path) as writer, Reader(path) as reader:
        assert (reader.head(), reader.claims()) == (1, 0)
        for count, source in enumerate(("one", "two"), 1):
            writer.commit([put(provider("a"), source=source)], base=1, meta=META)
            assert (reader.head(), reader.claims()) == (1, count)
