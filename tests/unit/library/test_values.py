from fakes.store import provider

from reconciler.control.plan.model import Action, Change, Plan
from reconciler.json_types import JsonObject
from reconciler.library.values import Field, plan_of
from reconciler.resources.resource import Resource


def test_a_plan_without_changes_is_false() -> None:
    assert not plan_of(Plan(3))
    assert plan_of(Plan(3), ("too many",)).objections == ("too many",)


def test_fields_are_told_and_secrets_are_not() -> None:
    made = provider("p")
    spec: JsonObject = {"type": "lm-studio", "config": {"apiKey": {"sealed": "v-1"}, "baseURL": "http://a"}}
    after = Resource(made.key, spec)
    (change,) = plan_of(Plan(0, (Change(Action.CREATE, made.key, None, after),))).changes
    assert (change.action, change.key) == ("create", made.key)
    assert Field("spec.config.apiKey", None, "(sealed)", secret=True) in change.fields
    assert "v-1" not in repr(change)
