from dataclasses import replace

import pytest
from fakes.states import stored

from reconciler.control.plan.model import (
    Action,
    Change,
    Declaration,
    Plan,
    content_of,
    resource_of,
    same_content,
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


HELD = Resource(KEY, {}, finalizers=("a", "b"))
MARKED = replace(HELD, deletion_timestamp="t")


def test_what_finalizers_make_of_a_change() -> None:
    def change(before: Resource | None, after: Resource | None, action: Action = Action.UPDATE) -> Change:
        return Change(action, KEY, stored(before) if before is not None else None, after)

    deletes = change(HELD, None, Action.DELETE)
    assert (deletes.marks, deletes.removes, deletes.told) == (("a", "b"), True, Action.DELETE)
    marks = change(HELD, replace(MARKED, finalizers=("b",)))
    assert (marks.marks, marks.removes, marks.told) == (("b",), True, Action.DELETE)
    ends = change(MARKED, replace(MARKED, finalizers=()))
    assert (ends.marks, ends.ends, ends.removes, ends.told) == ((), True, False, Action.DELETE)
    back = change(MARKED, HELD)
    assert (back.takes_back, back.removes, back.told) == (True, False, Action.UPDATE)
    again = change(MARKED, None, Action.DELETE)
    assert (again.marks, again.removes, again.told) == ((), False, Action.DELETE)
    anew = change(None, MARKED, Action.CREATE)
    assert (anew.marks, anew.removes, anew.told) == ((), False, Action.CREATE)


def test_a_mark_is_another_content() -> None:
    assert not same_content(HELD, MARKED)
    assert same_content(MARKED, replace(MARKED))
