from dataclasses import replace

import pytest
from fakes.states import after, planned, stored
from fakes.workshop import binding, model, simulator

from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import Document, InvalidManifests
from reconciler.control.outcome import Broken, check_result, result
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import Action, Change, Plan, ResourceConflict
from reconciler.control.seal import SecretProblem
from reconciler.resources.state import State

SIM = simulator()
EMPTY = State()


def creation() -> Change:
    made = binding("b", "m", "sim")
    return Change(Action.CREATE, made.key, None, made)


def test_the_result_is_the_state_with_the_changes_done() -> None:
    state = after(EMPTY, planned({SIM.key: SIM, model().key: model()}, EMPTY).edits)
    new = simulator("new")
    changed = simulator(text="x")
    changes = [
        Change(Action.DELETE, model().key, state[model().key], None),
        Change(Action.CREATE, new.key, None, new),
        Change(Action.UPDATE, SIM.key, state[SIM.key], changed),
    ]
    assert result(state, changes) == {SIM.key: changed, new.key: new}
    assert len(state) == 2


def test_every_broken_rule_is_told_with_its_place() -> None:
    change = creation()
    document = Document({"spec": {"model": "m"}}, "f.yaml", "spec:\n  model: m\n  provider: sim\n", 5)
    declared = {change.key: Declared(binding("b", "m", "sim"), document)}
    secret = SecretProblem(SIM.key, ("spec", "config", "apiKey"), "is not here", "give it")
    with pytest.raises(InvalidManifests) as caught:
        check_result(Plan(0, (change,)), EMPTY, declared, [secret])
    assert [str(problem) for problem in caught.value.problems] == [
        "error: Provider/sim: spec.config.apiKey: is not here; give it",
        "f.yaml:6:3: error: Binding/b: spec.model: refers to Model/m, which does not exist; declare it, or correct the name",
        (
            "f.yaml:7:3: error: Binding/b: spec.provider: refers to Provider/sim, which does not exist; "
            "declare it, or correct the name"
        ),
    ]


def test_a_plan_in_conflict_is_not_judged() -> None:
    conflict = ResourceConflict(model().key, (FieldConflict("spec", "git:x", "t"),))
    check_result(Plan(0, (creation(),), conflicts=(conflict,)), EMPTY, {}, [])


def test_a_plan_without_changes_is_not_judged() -> None:
    check_result(Plan(0), EMPTY, {}, [])


def test_what_a_delete_leaves_without_its_referent_is_told_with_its_owner() -> None:
    made = (SIM, model(), binding("b", "m", "sim"))
    state = after(EMPTY, planned({each.key: each for each in made}, EMPTY).edits)
    gone = Change(Action.DELETE, SIM.key, state[SIM.key], None)
    with pytest.raises(Broken) as caught:
        check_result(Plan(1, (gone,)), state, {}, [])
    assert caught.value.stranded
    assert (
        caught.value.problems[0].hint
        == "Binding/b belongs to acme: change it there first, or keep Provider/sim"
    )
    other = binding("c", "nothing", "sim")
    dangling = Change(Action.CREATE, other.key, None, other)
    with pytest.raises(Broken) as caught:
        check_result(Plan(1, (dangling, gone)), state, {}, [])
    assert not caught.value.stranded


def test_what_belongs_to_no_source_is_said_so() -> None:
    made = (SIM, model(), binding("b", "m", "sim"))
    state = State(stored(each, source=None) for each in made)
    with pytest.raises(Broken, match="Binding/b belongs to no source"):
        check_result(Plan(1, (Change(Action.DELETE, SIM.key, state[SIM.key], None),)), state, {}, [])


def test_what_is_being_deleted_counts_as_gone() -> None:
    marked = replace(SIM, finalizers=("a", "b"), deletion_timestamp="t")
    state = State([stored(marked), stored(model())], revision=3)
    assert result(state, ()).keys() == {model().key}
    change = Change(Action.UPDATE, model().key, state[model().key], replace(model(), deletion_timestamp="t"))
    assert result(state, [change]) == {}
    with pytest.raises(InvalidManifests) as caught:
        check_result(Plan(3, changes=(creation(),)), state, {}, [])
    (problem,) = caught.value.problems
    assert problem.message == "refers to Provider/sim, which is being deleted"
    assert problem.hint == "it waits for finalizers: a, b; the apply after they are gone makes it anew"
