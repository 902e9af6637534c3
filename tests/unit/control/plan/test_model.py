import pytest
from fakes.states import stored

from reconciler.control.plan.model import (
    Action,
    Change,
    Declaration,
    Plan,
    content_of,
    resource_of,
)
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey

KEY = ResourceKey("Model", "default", "m")


@pytest.mark.parametrize(
    ("resource", "content"),
    [
        (Resource(KEY, {}), {"spec": {}}),
        (Resource(KEY, {"a": 1}, {"l": "1"}), {"metadata": {"labels": {"l": "1"}}, "spec": {"a": 1}}),
        (
            Resource(KEY, {}, {"l": "1"}, {"n": "2"}),
            {"metadata": {"labels": {"l": "1"}, "annotations": {"n": "2"}}, "spec": {}},
        ),
    ],
)
def test_content_and_resource_are_each_others_inverse(resource: Resource, content: JsonObject) -> None:
    assert content_of(resource) == content
    assert resource_of(KEY, content) == resource


def test_content_that_was_cut_to_nothing_is_an_empty_resource() -> None:
    assert resource_of(KEY, {}) == resource_of(KEY, {"metadata": {}, "spec": []}) == Resource(KEY, {})


def test_a_plan_counts_its_changes_and_writes_its_claims_as_well() -> None:
    made = Change(Action.CREATE, KEY, None, Resource(KEY, {}))
    gone = Change(Action.DELETE, KEY, stored(Resource(KEY, {})), None)
    plan = Plan(7, changes=(made,), claims=(gone,))
    assert plan.counts() == {Action.CREATE: 1, Action.UPDATE: 0, Action.DELETE: 0}
    assert plan.edits == (made, gone)
    assert not plan.empty
    assert Plan(7, claims=(gone,)).empty


def test_a_declaration_has_the_key_of_its_resource() -> None:
    assert Declaration(Resource(KEY, {})).key == KEY
