"""What holds for every plan, whatever was declared before and now."""

from collections.abc import Sequence

from fakes.states import after, intent, planned
from fakes.workshop import binding, model, simulator
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Configuration, configurations, edits_of, histories

from reconciler.control.outcome import result
from reconciler.control.plan.differ import owned_content, plan
from reconciler.control.plan.model import Change, content_of
from reconciler.resources.references import references
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.state import State
from reconciler.resources.structure import canonical

LAW = settings(max_examples=50, deadline=None)


def state_of(configuration: Configuration) -> State:
    return after(State(), planned(configuration, State()).edits)


@LAW
@given(configurations())
def test_what_is_stored_already_gives_an_empty_plan(configuration: Configuration) -> None:
    state = state_of(configuration)
    again = planned(configuration, state, now="2027-01-01T00:00:00Z")
    assert (again.edits, again.conflicts, again.undeclared) == ((), (), ())


@LAW
@given(histories())
def test_applying_a_plan_gives_what_is_declared(history: list[Configuration]) -> None:
    state = State()
    for configuration in history:
        state = after(state, planned(configuration, state).edits)
        assert state.keys() == configuration.keys()
        for key, resource in configuration.items():
            structure = structure_of_kind(key.kind)
            assert canonical(structure, owned_content(state[key])) == canonical(
                structure, content_of(resource)
            )
        assert planned(configuration, state).edits == ()


@LAW
@given(st.data())
def test_no_prefix_of_a_plan_leaves_a_reference_to_nothing(data: st.DataObject) -> None:
    before = data.draw(configurations())
    state = state_of(before)
    stands_at_every_point(state, planned(data.draw(edits_of(before)), state).changes)


def stands_at_every_point(state: State, changes: Sequence[Change]) -> None:
    for length in range(len(changes) + 1):
        resources = result(state, changes[:length])
        for resource in resources.values():
            for reference in references(resource):
                assert reference.target in resources, f"{resource.key} after {length} changes"


def test_what_is_referred_to_goes_after_the_reference() -> None:
    before = [model(), simulator("old"), binding("b", "m", "old")]
    now = [model(), simulator("new"), binding("b", "m", "new")]
    state = state_of({each.key: each for each in before})
    changes = planned({each.key: each for each in now}, state).changes
    assert [str(change.key) for change in changes] == ["Provider/new", "Binding/b", "Provider/old"]
    stands_at_every_point(state, changes)


@LAW
@given(st.data())
def test_without_prune_nothing_is_deleted_and_the_undeclared_are_named(data: st.DataObject) -> None:
    before = data.draw(configurations())
    now = data.draw(edits_of(before))
    state = state_of(before)
    plan_ = plan(intent(now, prune=False), state, now="2027-01-01T00:00:00Z")
    assert all(change.after is not None for change in plan_.changes)
    assert set(plan_.undeclared) == before.keys() - now.keys()
