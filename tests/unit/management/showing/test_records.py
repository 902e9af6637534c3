from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.store import commit_all, open_writer, provider, put

from reconciler.errors import Forbidden
from reconciler.management.showing.records import ShownRecords
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey
from reconciler.store.reader import Reader
from reconciler.store.records import Hold, RevisionMeta, Sought, VaultEntry

ADA = Principal("token:ada", Role.ADMIN)
BOB = Principal("token:bob", Role.VIEWER, namespaces=frozenset({"team-a"}))
NOBODY = Principal("token:eve", Role.VIEWER, namespaces=frozenset())
P, Q = ResourceKey("Provider", "default", "p"), ResourceKey("Provider", "team-a", "q")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Revision 1 is of both namespaces, 2 of default, 3 of team-a."""
    path = tmp_path / "s.db"
    q = provider("q", namespace="team-a")
    commit_all(path, [put(provider("p"), source="acme"), put(q, source="team")])
    entries = [
        VaultEntry("v-1", "default/Provider/p/config.apiKey", b"canary", "k-0123456789abcdef", "key"),
        VaultEntry("v-2", "team-a/Provider/q/config.apiKey", b"canary", "k-fedcba9876543210", "key"),
    ]
    with open_writer(path) as writer:
        meta = RevisionMeta("ada", "apply", message="why", source="acme")
        writer.commit([put(provider("p", priority=1), source="acme")], base=1, meta=meta, seals=entries)
        changed = put(provider("q", namespace="team-a", priority=1), source="team")
        writer.commit([changed], base=2, meta=meta, holds=[Hold(P, "acme", None), Hold(Q, "team", None)])
    with Reader(path) as opened:
        yield opened


def test_who_sees_all_is_told_all_but_secrets(reader: Reader) -> None:
    shown = ShownRecords(reader, ADA)
    with shown.consistent():
        assert (shown.head(), shown.claims(), shown.compacted(), shown.guarded()) == (3, 0, 0, False)
    assert shown.state() == reader.state()
    assert shown.sources() >= {"acme", "team"}
    assert shown.find_revisions(Sought()) == reader.find_revisions(Sought())
    assert shown.logged(Sought()) == reader.logged(Sought())
    assert shown.event_counts([1]) == {1: {"ADDED": 2}}
    assert len(shown.holds()) == 2
    entry = shown.vault_entry("v-1")
    assert entry == VaultEntry("v-1", "", b"", "01234567", "")
    assert shown.vault_entry("v-9") is None


def test_who_sees_a_namespace_is_told_of_that_alone(reader: Reader) -> None:
    shown = ShownRecords(reader, BOB)
    assert set(shown.state()) == set(shown.state_at(1)) == {Q}
    assert [each.key for each in shown.list("Provider")] == [Q]
    assert {event.key for event in shown.events(after=0)} == {Q}
    with pytest.raises(Forbidden, match="an import is about all of them"):
        shown.find_revisions(Sought(operation="import"))
    assert [event.revision for event, _ in shown.logged(Sought())] == [1, 3]
    assert [event.revision for event, _ in shown.logged(Sought(), limit=1)] == [3]
    assert [each.number for each in shown.find_revisions(Sought())] == [3, 1]
    assert [each.number for each in shown.find_revisions(Sought(namespace="team-a"), 1)] == [3]
    assert shown.event_counts([1, 2]) == {1: {"ADDED": 1}, 2: {}}
    assert shown.sources() == {"team"}
    assert [hold.key for hold in shown.holds()] == [Q]
    assert shown.vault_entry("v-1") is None
    assert shown.vault_entry("v-2") is not None
    assert shown.get(Q) is not None
    assert tuple(shown.revisions_of(Q)) == (3, 1)
    shown.require_contents(2)


def test_of_what_touched_others_it_is_told_that_it_was(reader: Reader) -> None:
    shown = ShownRecords(reader, BOB)
    assert [(each.actor, each.message, each.source) for each in map(shown.revision, (1, 2))] == [
        ("", "", None)
    ] * 2
    own = shown.head_revision()
    assert own is not None
    assert (own.actor, own.message) == ("ada", "why")
    assert shown.find_revision(9) is None
    assert shown.find_revision(3) == own


def test_what_is_elsewhere_is_refused_in_words(reader: Reader) -> None:
    shown = ShownRecords(reader, BOB)
    for ask in (
        lambda: shown.get(P),
        lambda: shown.revisions_of(P),
        lambda: shown.list("Provider", "default"),
        lambda: shown.logged(Sought(namespace="default")),
        lambda: shown.find_revisions(Sought(keys=(P,))),
    ):
        with pytest.raises(
            Forbidden, match="token:bob may not see the namespace default: it has to do with team-a alone"
        ):
            ask()
    with pytest.raises(Forbidden, match="no namespace alone"):
        ShownRecords(reader, NOBODY).get(Q)


def test_before_the_first_revision_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    commit_all(path)
    with Reader(path) as empty:
        assert ShownRecords(empty, BOB).head_revision() is None
