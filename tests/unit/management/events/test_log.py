from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, open_writer, provider, put
from fakes.workers import live_worker

from reconciler.api.store import Store
from reconciler.bootstrap.answering import Answering
from reconciler.errors import NotFound
from reconciler.management.events.log import Place, behind, newest
from reconciler.management.problems import BadRequest
from reconciler.resources.principal import Principal, Role
from reconciler.store.records import RevisionMeta, Sought
from reconciler.store.url import parse

ADA = Principal("token:ada", Role.VIEWER)
BOB = Principal("token:bob", Role.VIEWER, namespaces=frozenset({"team-a"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "s.db"
    commit_all(path, [put(provider("p"))])
    live_worker(path, revision=1)
    with Answering(parse(str(path)), {}, SteppingClock()).open() as opened:
        yield opened


def test_a_place_is_written_and_read() -> None:
    assert str(Place(3, 2)) == "3.2"
    assert str(Place(3)) == "3.0"
    assert (Place.parse("3"), Place.parse("3.2")) == (Place(3), Place(3, 2))
    for odd in ("", "x", "1.2.3", "-1", "9" * 16):
        with pytest.raises(BadRequest):
            Place.parse(odd)


def test_each_thing_that_happens_is_told_once(store: Store, tmp_path: Path) -> None:
    found, place = behind(store, ADA, Sought(), Place())
    assert {(each.type, each.subject) for each in found} == {
        ("ADDED", "Provider/p"),
        ("Serving", "worker/w1"),
    }
    assert place == newest(store)
    assert behind(store, ADA, Sought(), place) == ([], place)
    with open_writer(tmp_path / "s.db") as writer:
        writer.commit([put(provider("q", namespace="team-a"))], base=1, meta=RevisionMeta("ada", "apply"))
    found, later = behind(store, ADA, Sought(), place)
    assert [(each.type, each.subject) for each in found] == [("ADDED", "Provider/team-a/q")]
    assert later.version > place.version
    assert len(behind(store, ADA, Sought(), Place(), limit=1)[0]) == 1


def test_what_is_not_seen_moves_the_place_and_is_not_told(store: Store) -> None:
    found, place = behind(store, BOB, Sought(), Place())
    assert [each.subject for each in found] == ["worker/w1"]
    assert place.version == newest(store).version


def test_a_store_that_was_restored_ends_the_watch(store: Store) -> None:
    place = newest(store)
    another = Place(place.version, place.transition, place.head, "sha256:another")
    with pytest.raises(NotFound, match="since the store was restored"):
        behind(store, ADA, Sought(), another)


def test_an_empty_store_has_a_place(tmp_path: Path) -> None:
    commit_all(tmp_path / "empty.db")
    with Answering(parse(str(tmp_path / "empty.db")), {}, SteppingClock()).open() as empty:
        assert newest(empty) == Place(0, 0)
        assert behind(empty, ADA, Sought(), Place()) == ([], Place(0, 0))
