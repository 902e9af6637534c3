from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.review import Review
from reconciler.management.changes import told
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.records import EMPTY_STORE

KEY = ResourceKey("Model", "default", "m")
PLAN = Plan(1, (Change(Action.CREATE, KEY, None, Resource(KEY, {})),))


def test_people_are_told_in_a_few_words() -> None:
    assert told.summary(PLAN) == {
        "changed": True,
        "summary": {"create": 1, "update": 0, "delete": 0},
        "changes": ["create Model/m"],
    }
    assert told.applied_plan(PLAN, EMPTY_STORE, 3)["changed"] is False
    body = told.review(Review(PLAN)).body
    assert isinstance(body, dict)
    assert body["changes"] == ["create Model/m"]
