from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.store import commit_all, drop, provider, put

from reconciler.management.showing.pinned import Pinned
from reconciler.resources.resource import ResourceKey
from reconciler.store.reader import Reader
from reconciler.store.records import Sought

P, Q = (ResourceKey("Provider", "default", name) for name in ("p", "q"))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    path = tmp_path / "s.db"
    commit_all(
        path,
        [put(provider("p"))],
        [put(provider("p", priority=1)), put(provider("q"))],
        [drop(provider("p"))],
    )
    with Reader(path) as opened:
        yield opened


def test_everything_is_as_it_was(reader: Reader) -> None:
    then = Pinned(reader, 2)
    assert then.head() == 2
    newest = then.head_revision()
    assert newest is not None
    assert newest.number == 2
    assert set(then.state()) == {P, Q}
    assert set(then.state_at(1)) == {P}
    found = then.get(P)
    assert found is not None
    assert found.resource.spec["priority"] == 1
    assert then.get(P, at=3) is None
    assert [each.key for each in then.list("Provider")] == [P, Q]
    assert then.list("Provider", "other") == ()
    assert tuple(then.revisions_of(P)) == (2, 1)
    assert {event.revision for event in then.events(after=0)} == {1, 2}
    assert [event.revision for event, _ in then.logged(Sought(keys=(P,)))] == [1, 2]
    assert [event.revision for event, _ in then.logged(Sought(keys=(P,)), limit=1)] == [2]
    assert [each.number for each in then.find_revisions(Sought())] == [2, 1]
    assert [each.number for each in then.find_revisions(Sought(), 1)] == [2]
    assert then.find_revision(3) is None
    assert then.find_revision(2) == newest == then.revision(2)


def test_what_has_no_past_is_as_it_is(reader: Reader) -> None:
    then = Pinned(reader, 0)
    assert then.head_revision() is None
    with then.consistent():
        assert (then.claims(), then.compacted(), then.guarded(), then.holds()) == (0, 0, False, ())
    assert then.sources() == {"github.com/acme/routing"}
    assert then.vault_entry("v-none") is None
    assert then.event_counts([3]) == {3: {"DELETED": 1}}
    then.require_contents(1)
