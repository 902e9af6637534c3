"""The behaviours with a store are in tests/behaviour/test_a_kept_plan_is_applied_as_it_is_or_not_at_all.py."""

from dataclasses import replace

from fakes.states import TIME, after, intent, planned
from fakes.workshop import model, simulator

from reconciler.control.plan.artefact import Artefact, Relied
from reconciler.control.plan.differ import plan
from reconciler.control.planned.ground import APPLIED, Since, applied_as, moved, stands
from reconciler.resources.resource import FieldManager, Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store import codec
from reconciler.store.records import Event, Revision

BEFORE = {each.key: each for each in (simulator(text="one"), model("gone"))}
NOW = {each.key: each for each in (simulator(text="two"), model("new"))}
STATE = after(State(), planned(BEFORE, State()).edits)
PLAN = plan(intent(NOW), STATE, now=TIME)
KEPT = Artefact(
    PLAN, "sha256:1", TIME, "9.9", "git:acme", "acme", ("acme",), prune=True, declares=tuple(sorted(NOW))
)
NOTHING = Since({}, [])


def revision(number: int, operation: str = "apply", source: str = "acme") -> Revision:
    return Revision(number, number - 1, TIME, "ada", source, None, False, "", operation, "")


def digest(resource: Resource | None) -> str | None:
    return codec.digest(resource) if resource is not None else None


def made(number: int, operation: str = APPLIED, source: str = "acme") -> Since:
    """As the plan itself makes it."""
    events = [
        Event(
            place,
            number,
            "MODIFIED",
            change.key,
            digest(change.before.resource if change.before is not None else None),
            digest(change.after),
        )
        for place, change in enumerate(PLAN.changes)
    ]
    return Since({number: revision(number, operation, source)}, events)


def told(artefact: Artefact, state: State, since: Since = NOTHING) -> list[str]:
    return [str(each) for each in moved(artefact, state, since)]


def test_nothing_moved() -> None:
    assert told(KEPT, STATE) == []


def test_what_came_last_is_told_of_each() -> None:
    key = simulator().key
    events = [
        Event(7, 2, "DELETED", key, "a", None),
        Event(8, 3, "ADDED", key, None, "b"),
        Event(9, 3, "ADDED", model("elsewhere").key, None, "c"),
    ]
    since = Since({2: revision(2), 3: revision(3, "sync")}, events)
    assert told(KEPT, STATE, since) == ["Provider/sim: created by revision 3 (sync by ada)"]
    assert told(KEPT, STATE, since.without(3)) == ["Provider/sim: deleted by revision 2 (apply by ada)"]


def test_a_plan_that_says_another_before_than_was_is_refused() -> None:
    change = next(each for each in PLAN.changes if each.key == simulator().key)
    assert change.before is not None
    for lie in (
        replace(change.before, uid="other"),
        replace(change.before, resource_version=99),
        replace(change.before, resource=simulator(text="zero")),
        None,
    ):
        edits = tuple(replace(each, before=lie) if each is change else each for each in PLAN.changes)
        forged = replace(KEPT, plan=replace(PLAN, changes=edits))
        assert told(forged, STATE) == ["Provider/sim: is not as the plan says that it was"]


def test_ownership_moved() -> None:
    key = simulator().key
    other = FieldManager("git:other", "Apply", {"f:spec": {}}, TIME)
    for stored in (
        replace(STATE[key], managed_fields=(*STATE[key].managed_fields, other)),
        replace(STATE[key], path="moved.yaml"),
        replace(STATE[key], source="other"),
    ):
        state = State([stored, STATE[model("gone").key]], revision=1)
        assert told(KEPT, state) == ["Provider/sim: somebody else declares some of it since"]


def test_what_is_relied_on_is_another_or_gone() -> None:
    key = ResourceKey("Model", "default", "m")
    relying = replace(KEPT, relies=(Relied(key, "uid-m", 9),))
    assert told(relying, STATE) == ["Model/m: is not the one that the plan refers to"]
    there = replace(
        STATE[simulator().key],
        resource=model(),
        uid="uid-m",
        resource_version=9,
        source=None,
        managed_fields=(),
    )
    assert told(relying, State([*STATE.values(), there], revision=1)) == []
    for moved_on in (replace(there, uid="other"), replace(there, resource_version=10)):
        state = State([*STATE.values(), moved_on], revision=1)
        assert told(relying, state) == ["Model/m: is not the one that the plan refers to"]


def test_what_was_added_below_the_scopes_is_covered_by_a_prune_alone() -> None:
    added = replace(STATE[simulator().key], resource=model("added"))
    state = State([*STATE.values(), added], revision=1)
    assert told(KEPT, state) == ["Model/added: was added, and the plan's prune would cover it"]
    for other in (
        replace(KEPT, prune=False),
        replace(KEPT, source=None),
        replace(KEPT, scopes=("elsewhere",)),
        replace(KEPT, declares=(*KEPT.declares, added.key)),
    ):
        assert told(other, state) == []


def test_under_its_old_name_it_is_covered_as_well() -> None:
    added = replace(STATE[simulator().key], resource=model("added"), source="/srv/acme", managed_fields=())
    state = State([*STATE.values(), added], revision=1)
    assert told(KEPT, state) == []
    assert len(told(replace(KEPT, names=("acme", "/srv/acme")), state)) == 1


def test_the_revision_that_it_was_made_into() -> None:
    assert applied_as(KEPT, made(4)) == 4
    assert applied_as(KEPT, made(4, "apply")) is None
    assert applied_as(KEPT, made(4, source="other")) is None
    assert applied_as(KEPT, Since(made(4).revisions, made(4).events[1:])) is None
    assert applied_as(replace(KEPT, plan=replace(PLAN, changes=())), NOTHING) is None


def test_a_change_stands_where_the_store_holds_all_of_it() -> None:
    then = after(STATE, PLAN.edits)
    assert [stands(change, STATE) for change in PLAN.changes] == [False] * 3
    assert [stands(change, then) for change in PLAN.changes] == [True] * 3
    update = next(each for each in PLAN.changes if each.key == simulator().key)
    assert not stands(replace(update, path="other.yaml"), then)
    assert not stands(replace(update, managed_fields=()), then)
