import pytest
from fakes.by_hand import merged, spec
from fakes.states import TIME, stored
from fakes.workshop import model

from reconciler.control.imperative.changes import Rewrites, changes_of
from reconciler.control.nothing import NoRecords
from reconciler.control.plan.model import Action, Change
from reconciler.control.seal import Sealer
from reconciler.errors import NotFound
from reconciler.resources.resource import FieldManager, ResourceKey
from reconciler.resources.state import State

MANAGER = FieldManager("git:acme", "Apply", {"f:spec": {}}, TIME)
A, B = (stored(model(name), MANAGER) for name in "ab")
STATE = State([A, B], revision=4)
GONE = ResourceKey("Model", "team", "gone")


def changes(rewrites: Rewrites, *, ignore_missing: bool = False) -> list[Change]:
    sealer = Sealer(NoRecords(), None)
    return changes_of(rewrites, STATE, sealer, manager="cli:ada", now=TIME, ignore_missing=ignore_missing)


def test_one_change_for_each_resource_that_becomes_another() -> None:
    found = changes({A.key: spec(displayName="A"), B.key: None})
    assert [(change.action, change.key, change.before) for change in found] == [
        (Action.UPDATE, A.key, A),
        (Action.DELETE, B.key, B),
    ]
    assert found[1].after is None


def test_what_stays_as_it_is_is_no_change() -> None:
    assert changes({A.key: merged({}), B.key: spec(displayName=None)}) == []


def test_what_is_not_there() -> None:
    with pytest.raises(NotFound) as error:
        changes({A.key: None, GONE: None})
    assert (
        error.value.told("routerctl")
        == "Model/team/gone does not exist\n  what there is: routerctl get models -n team"
    )
    assert [change.key for change in changes({GONE: None, A.key: None}, ignore_missing=True)] == [A.key]
