from dataclasses import replace

import pytest
from fakes.store import FakeEdit, drop, provider, put

from reconciler.resources.resource import FieldManager, ResourceKey, StoredResource
from reconciler.store import codec
from reconciler.store.records import Edit, StaleBase
from reconciler.store.versioning import LiveVersion, Versions, count

_MANAGER = FieldManager("git:acme", "Apply", {"f:spec": {"f:type": {}}}, "t0")
_A = provider("a", latency=1)


def _live(*edits: FakeEdit) -> dict[ResourceKey, LiveVersion]:
    result = {}
    for number, edit in enumerate(edits, 1):
        assert edit.after is not None
        encoded = codec.encode(edit.after)
        managers = codec.encode_managers(edit.managed_fields)
        result[edit.key] = LiveVersion(
            number,
            number,
            f"uid-{number}",
            3,
            "created",
            managers,
            edit.source,
            edit.path,
            encoded.digest,
            encoded.body,
        )
    return result


def _count(edits: list[Edit], live: dict[ResourceKey, LiveVersion]) -> Versions:
    return count(edits, live, revision=5, last_resource_version=10, time="now")


def test_a_new_resource_starts_at_generation_one_with_a_uid_of_its_own() -> None:
    versions = _count([put(_A), put(provider("b"))], {})
    one, two = versions.opened
    assert (one["resource_version"], two["resource_version"]) == (11, 12)
    assert (one["generation"], one["created"], one["valid_from"], one["valid_to"]) == (1, "now", 5, None)
    assert one["uid"] != two["uid"]
    assert [event.type for event in versions.events] == ["ADDED", "ADDED"]
    assert versions.closed == []


def test_the_generation_moves_with_the_spec_alone() -> None:
    live = _live(put(_A))
    (relabelled,) = _count([put(replace(_A, labels={"x": "y"}))], live).opened
    (changed,) = _count([put(provider("a", latency=2))], live).opened
    (retyped,) = _count([put(provider("a", latency=True))], live).opened
    assert [row["generation"] for row in (relabelled, changed, retyped)] == [3, 4, 4]
    assert {row["uid"] for row in (relabelled, changed, retyped)} == {"uid-1"}
    assert changed["created"] == "created"


def test_a_deletion_closes_the_version_and_opens_none() -> None:
    versions = _count([drop(_A)], _live(put(_A)))
    assert (versions.closed, versions.opened) == ([1], [])
    (event,) = versions.events
    assert (event.type, event.resource_version, event.digest_after) == ("DELETED", 11, None)
    assert event.digest_before == codec.digest(_A)


def test_an_edit_that_changes_nothing_takes_no_number() -> None:
    live = _live(put(_A, managers=(_MANAGER,), source="s", path="p"))
    same = put(_A, managers=(replace(_MANAGER, time="t1"),), source="s", path="p")
    versions = _count([same, drop(provider("gone")), put(provider("b"))], live)
    assert [event.resource_version for event in versions.events] == [11]


@pytest.mark.parametrize(
    "edit",
    [
        put(_A, managers=(), source="s", path="p"),
        put(_A, managers=(_MANAGER,), source="other", path="p"),
        put(_A, managers=(_MANAGER,), source="s", path="other"),
    ],
)
def test_a_change_of_ownership_alone_is_a_claim_that_moves_nothing(edit: FakeEdit) -> None:
    versions = _count([edit], _live(put(_A, managers=(_MANAGER,), source="s", path="p")))
    assert not versions.events
    assert not versions.opened
    (claim,) = versions.claims
    assert (claim["source"], claim["path"]) == (edit.source, edit.path)
    (disowned,) = versions.disowned
    assert (disowned["resource_version"], disowned["until"]) == (1, 4)
    assert (disowned["managed_fields"], disowned["source"], disowned["path"]) == (
        codec.encode_managers((_MANAGER,)),
        "s",
        "p",
    )


def test_owners_beside_a_new_revision_stood_until_that() -> None:
    live = _live(put(_A, managers=(_MANAGER,)))
    (disowned,) = _count([put(_A), put(provider("b"))], live).disowned
    assert disowned["until"] == 5


def test_owners_that_nobody_could_ask_for_are_not_kept() -> None:
    """The head made the version: whatever is claimed before the next revision is what this one left."""
    live = _live(put(_A, managers=(_MANAGER,)))
    versions = count([put(_A)], live, revision=2, last_resource_version=10, time="now")
    assert versions.claims
    assert not versions.disowned


def test_an_edit_planned_from_other_managers_is_stale() -> None:
    edit = put(_A, managers=(_MANAGER,))
    planned_from = StoredResource(provider("a"), "uid", 1, 1, "2026-01-01T00:00:00Z", 1)
    with pytest.raises(StaleBase):
        _count([replace(edit, before=planned_from)], _live(edit))


@pytest.mark.parametrize("edits", [[put(_A), drop(_A)], [FakeEdit(_A.key, provider("b"))]])
def test_edits_that_contradict_each_other_are_a_bug_of_the_caller(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="Provider/a"):
        _count(edits, {})


def test_a_delete_of_what_has_finalizers_marks_it_once() -> None:
    held = replace(_A, finalizers=("example.com/drain",))
    live = _live(put(held, managers=(_MANAGER,), source="s", path="a.yaml"))
    versions = _count([drop(_A)], live)
    ((row,), (event,)) = versions.opened, versions.events
    marked = replace(held, deletion_timestamp="now")
    assert codec.decode(_A.key, str(row["body"])) == marked
    assert (event.type, event.digest_after, versions.closed) == ("MODIFIED", codec.digest(marked), [1])
    before = live[_A.key]
    assert (row["uid"], row["generation"], row["managed_fields"], row["source"], row["path"]) == (
        before.uid,
        before.generation,
        before.managed_fields,
        "s",
        "a.yaml",
    )
    assert _count([drop(_A)], _live(put(marked, managers=(_MANAGER,), source="s"))) == Versions()


def test_what_is_being_deleted_goes_with_its_last_finalizer() -> None:
    marked = replace(_A, finalizers=("a", "b"), deletion_timestamp="t0")
    live = _live(put(marked))
    (event,) = _count([put(replace(marked, finalizers=("b",)))], live).events
    assert event.type == "MODIFIED"
    ended = _count([put(replace(marked, finalizers=()))], live)
    assert [(event.type, event.digest_after) for event in ended.events] == [("DELETED", None)]
    assert (ended.opened, ended.closed) == ([], [1])
    (back,) = _count([put(replace(marked, deletion_timestamp=None))], live).events
    assert back.type == "MODIFIED"
    assert _count([put(replace(marked, finalizers=()))], {}) == Versions()
