from dataclasses import replace

from fakes.states import stored

from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.control.plan.model import Action, content_of
from reconciler.control.plan.terminating import let_go, waits
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind

KEY = ResourceKey("Model", "default", "m")
MARKED = Resource(KEY, {"displayName": "M"}, finalizers=("a", "b", "c"), deletion_timestamp="t")
MINE = Resource(KEY, {"displayName": "M"}, finalizers=("a", "b"))
THEIRS = Resource(KEY, {}, finalizers=("b", "c"))


def manager(name: str, declared: Resource, operation: str = "Apply") -> FieldManager:
    fields = to_fields_v1(field_set(content_of(declared), structure_of_kind("Model")))
    return FieldManager(name, "Apply" if operation == "Apply" else "Update", fields, "t")


LIVE = stored(MARKED, manager("git:acme", MINE), manager("cli:ada", THEIRS, "Update"))


def left(declared: Resource, live: StoredResource = LIVE) -> tuple[str, ...] | None:
    change = let_go(live, declared, "git:acme", now="now")
    if change is None:
        return None
    assert change.after is not None
    assert change.action is Action.UPDATE
    assert change.after == replace(MARKED, finalizers=change.after.finalizers)
    assert (change.source, change.path) == (live.source, live.path)
    return change.after.finalizers


def test_what_is_declared_takes_no_effect() -> None:
    other = Resource(KEY, {"displayName": "other", "contextWindow": 1}, {"l": "1"}, {}, ("a", "b", "new"))
    assert left(other) is None


def test_its_own_finalizers_go_when_they_are_declared_no_more() -> None:
    assert left(replace(MINE, finalizers=())) == ("b", "c")
    assert left(replace(MINE, finalizers=("a",))) is None
    alone = stored(MARKED, manager("git:acme", MARKED))
    assert left(replace(MINE, finalizers=("c",)), alone) == ("c",)
    assert left(replace(MINE, finalizers=()), alone) == ()


def test_who_owns_none_takes_none() -> None:
    assert let_go(LIVE, THEIRS, "git:other", now="now") is None
    assert let_go(LIVE, Resource(KEY, {}), "cli:ada", now="now") is None


def test_what_is_said_of_it() -> None:
    assert waits(LIVE) == (
        "being deleted since t, waits for finalizers: a, b, c; the apply after they are gone makes it anew"
    )
    change = let_go(LIVE, replace(MINE, finalizers=()), "git:acme", now="now")
    assert "finalizers: b, c;" in waits(LIVE, change)
    alone = stored(MARKED, manager("git:acme", MARKED))
    ended = let_go(alone, replace(MINE, finalizers=()), "git:acme", now="now")
    assert waits(alone, ended) == (
        "its last finalizer goes with this, and so does it; the next apply makes it anew"
    )
