from fakes.states import stored

from reconciler.control.plan.model import Action, Change
from reconciler.control.plan.order import ordered
from reconciler.resources.resource import Resource, ResourceKey


def change(action: Action, kind: str, name: str = "x") -> Change:
    key = ResourceKey(kind, "default", name)
    resource = Resource(key, {})
    before = None if action is Action.CREATE else stored(resource)
    return Change(action, key, before, None if action is Action.DELETE else resource)


def test_referents_are_made_first_and_deleted_last() -> None:
    kinds = ["Binding", "Settings", "Model", "Secret", "Provider"]
    mixed = [change(action, kind) for kind in kinds for action in (Action.DELETE, Action.CREATE)]
    assert [(each.action.value, each.key.kind) for each in ordered(mixed)] == [
        *(("create", kind) for kind in ("Secret", "Provider", "Model", "Binding", "Settings")),
        *(("delete", kind) for kind in ("Settings", "Binding", "Model", "Provider", "Secret")),
    ]


def test_within_a_kind_they_go_by_name() -> None:
    mixed = [change(Action.CREATE, "Model", "b"), change(Action.UPDATE, "Model", "a")]
    assert [each.key.name for each in ordered(mixed)] == ["a", "b"]
