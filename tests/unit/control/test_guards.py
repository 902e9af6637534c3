from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.states import after, planned
from fakes.workshop import UNGUARDED, model, simulator

from reconciler.control.guards import PROTECTED, Objection, Pruning, objections, protected, refusal
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import DEFAULT, DeleteLimit, Guards
from reconciler.control.working_tree import Checkout
from reconciler.resources.resource import Resource
from reconciler.resources.state import State

NOTHING_UNREAD = Pruning({"acme"}, declares=True, unread={})


def state_of(resources: Sequence[Resource]) -> State:
    return after(State(), planned({each.key: each for each in resources}, State()).edits)


def models(count: int) -> list[Resource]:
    return [model(f"m-{number:02}") for number in range(count)]


def left(before: Sequence[Resource], now: Sequence[Resource]) -> tuple[Plan, State]:
    state = state_of(before)
    return planned({each.key: each for each in now}, state), state


def told(
    before: Sequence[Resource],
    now: Sequence[Resource],
    guards: Guards = DEFAULT,
    checkout: Checkout = Checkout(),  # noqa: B008  frozen
) -> list[str]:
    return [each.message for each in objections(*left(before, now), NOTHING_UNREAD, guards, checkout)]


@pytest.mark.parametrize(
    ("limit", "held", "most"),
    [
        (DeleteLimit(10, 10), 20, 10),
        (DeleteLimit(10, 10), 150, 15),
        (DeleteLimit(3), 1000, 3),
        (DeleteLimit(percent=34), 3, 1),
        (DeleteLimit(percent=33), 3, 0),
    ],
)
def test_a_limit_is_the_number_or_the_share_whichever_is_more(
    limit: DeleteLimit, held: int, most: int
) -> None:
    assert limit.of(held) == most


def test_as_many_as_the_limit_may_go_and_no_more() -> None:
    assert told(models(12), models(12)[10:]) == []
    assert told(models(12), models(12)[11:]) == [
        "--prune would delete 11 of the 12 resources that the source holds; the limit is 10"
    ]
    assert told(models(12), models(12)[11:], Guards(DeleteLimit(11))) == []


def test_a_large_source_may_lose_a_tenth() -> None:
    assert told(models(120), models(120)[12:]) == []
    assert len(told(models(120), models(120)[13:])) == 1


def test_what_others_hold_does_not_count() -> None:
    plan, state = left(models(12), models(12)[11:])
    others = [
        replace(each, source="else") for each in state_of([simulator(f"p-{n}") for n in range(200)]).values()
    ]
    both = State([*state.values(), *others], revision=state.revision)
    (found,) = objections(plan, both, NOTHING_UNREAD, DEFAULT, Checkout())
    assert "11 of the 12" in found.message
    assert found.hint.endswith("say --max-deletes 11")


def test_nothing_that_the_source_held_is_left() -> None:
    emptied = "--prune would delete all that the source holds: Model/m-00, Model/m-01"
    assert told(models(2), []) == [emptied]
    assert told(models(2), [simulator()]) == [emptied]
    assert told(models(2), models(1)) == []
    assert told(models(2), [], Guards(allow_empty=True)) == []


def test_one_resource_in_the_place_of_one_is_a_new_name() -> None:
    assert told([model("a")], [model("b")]) == []
    assert len(told([model("a")], [])) == 1


def test_nothing_was_read_at_all() -> None:
    plan, state = left(models(12), [])
    nothing = Pruning({"acme"}, declares=False, unread={"manifests": ""})
    messages = [each.message for each in objections(plan, state, nothing, DEFAULT, Checkout())]
    assert messages[0].startswith("no resource was read from the paths given")
    assert len(messages) == 2  # with the limit
    assert objections(plan, state, nothing, UNGUARDED, Checkout()) == ()


def test_nothing_was_read_below_one_of_the_paths() -> None:
    plan, state = left(models(3), models(1))
    part = Pruning({"acme"}, declares=True, unread={"here/all.yaml": "all.yaml", "here/new": "new"})
    (found,) = objections(plan, state, part, DEFAULT, Checkout())
    assert found.message.startswith("no resource was read below here/all.yaml")
    assert found.message.endswith("once held: 3")


def test_git_did_not_remove_what_is_gone() -> None:
    lost = Checkout(missing=frozenset({"all.yaml", "other.yaml"}))
    (message,) = told(models(3), models(2), checkout=lost)
    assert message == "git tracks manifests that are not in this checkout as it knows them: all.yaml"
    assert told(models(3), models(3), checkout=lost) == []
    assert told(models(3), models(2), checkout=Checkout(missing=frozenset({"other.yaml"}))) == []
    assert len(told(models(3), models(2), UNGUARDED, lost)) == 1


def test_any_lost_file_may_be_part_of_an_overlay() -> None:
    plan, state = left(models(3), models(2))
    made = State([replace(each, path="prod/") for each in state.values()], revision=1)
    plan = replace(plan, changes=tuple(replace(each, before=made[each.key]) for each in plan.changes))
    lost = Checkout(missing=frozenset({"base/all.yaml"}))
    (found,) = objections(plan, made, NOTHING_UNREAD, DEFAULT, lost)
    assert "base/all.yaml" in found.message


def test_git_is_at_work() -> None:
    (message,) = told(models(3), models(2), checkout=Checkout(at_work=True))
    assert message.startswith("git is at work in this checkout")
    assert told(models(3), models(3), checkout=Checkout(at_work=True)) == []


@pytest.mark.parametrize(
    ("value", "protects"), [("true", True), ("yes", True), ("false", False), (None, False)]
)
def test_what_is_protected_stays_whatever_is_allowed(value: str | None, protects: bool) -> None:
    annotations = {PROTECTED: value} if value is not None else {}
    plan, state = left([replace(model("a"), annotations=annotations), model("b")], [model("b")])
    found = objections(plan, state, NOTHING_UNREAD, UNGUARDED, Checkout())
    assert found == protected(plan.changes)
    assert [each.message for each in found] == (["protected from being deleted: Model/a"] if protects else [])


def test_an_update_of_what_is_protected_is_no_delete() -> None:
    before = replace(model("a"), annotations={PROTECTED: "true"})
    plan, _ = left([before], [model("a", description="new")])
    assert protected(plan.changes) == ()


def test_all_objections_are_one_refusal() -> None:
    error = refusal([Objection("first", "do this"), Objection("second", "do that")])
    assert str(error) == "first\n  do this\nsecond\n  do that"
    assert error.exit_code == 4


def test_only_some_of_many_are_named() -> None:
    (message,) = told(models(8), [], Guards(DeleteLimit(99)))
    assert message.endswith("Model/m-03, Model/m-04 and 3 more")
