from fakes.states import TIME, stored
from fakes.workshop import model, simulator

from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.rename import Rename
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager
from reconciler.resources.state import State
from reconciler.store.records import Hold

RENAME = Rename("/srv/m", "github.com/acme/m", "git:github.com/acme/m")
SPEC: JsonObject = {"f:spec": {"f:type": {}}}
KEY = simulator().key


def entry(manager: str, fields: JsonObject = SPEC, time: str = TIME) -> FieldManager:
    return FieldManager(manager, "Apply", fields, time)


def test_what_it_had_is_under_the_new_name_and_the_rest_untouched() -> None:
    mine = stored(simulator(), entry("git:/srv/m"), entry("cli:ada"), source="/srv/m")
    guest = stored(simulator("guest"), entry("git:other"), entry("git:/srv/m"), source="other")
    others = stored(model(), entry("git:other"), source="other")
    state = State([mine, guest, others], revision=7)
    renamed = RENAME.state(state)
    assert renamed.revision == 7
    assert renamed[KEY].source == "github.com/acme/m"
    assert [each.manager for each in renamed[KEY].managed_fields] == ["git:github.com/acme/m", "cli:ada"]
    assert renamed[guest.key].source == "other"
    assert [each.manager for each in renamed[guest.key].managed_fields] == [
        "git:other",
        "git:github.com/acme/m",
    ]
    assert renamed[others.key] is others


def test_entries_under_both_names_become_one() -> None:
    more: JsonObject = {"f:spec": {"f:priority": {}}}
    item = stored(simulator(), entry("git:/srv/m", time="t1"), entry("git:github.com/acme/m", more, "t2"))
    (only,) = RENAME.state(State([item]))[KEY].managed_fields
    assert only == entry("git:github.com/acme/m", {"f:spec": {"f:priority": {}, "f:type": {}}}, "t2")


def test_a_plan_of_the_renamed_state_becomes_edits_of_the_stored_one() -> None:
    first = stored(simulator(), entry("git:/srv/m"), source="/srv/m")
    second = stored(model(), entry("git:/srv/m"), source="/srv/m")
    state = State([first, second])
    virtual = RENAME.state(state)
    change = Change(Action.UPDATE, KEY, virtual[KEY], simulator(text="x"))
    hold = Hold(KEY, "/srv/m", None)
    plan = RENAME.of_plan(Plan(0, changes=(change,)), state, virtual, [hold, Hold(KEY, "other", None)])
    assert plan.changes[0].before is first
    (claim,) = plan.claims
    assert (claim.before, claim.after, claim.source) == (second, second.resource, "github.com/acme/m")
    assert plan.releases == ((KEY, "/srv/m"),)


def test_holds_go_on_under_the_new_name_unless_it_has_its_own_or_they_ended() -> None:
    old = [Hold(KEY, "/srv/m", "a", 3), Hold(model().key, "/srv/m", "b", 3)]
    own = Hold(KEY, "github.com/acme/m", "c", 4)
    other = Hold(KEY, "other", None, 4)
    holds = [*old, own, other]
    moved = Hold(model().key, "github.com/acme/m", "b", 3)
    assert RENAME.holds(holds) == [moved, own, other]
    assert RENAME.moved(holds, []) == (moved,)
    assert RENAME.moved(holds, [(model().key, "github.com/acme/m")]) == ()
