from dataclasses import replace

import pytest
from fakes.states import TIME, after, intent, stored
from fakes.workshop import model, remote, simulator

from reconciler.control.ownership.field_set import to_fields_v1
from reconciler.control.plan.differ import completed, keeps_content, owned_content, plan
from reconciler.control.plan.model import Action, Declaration, Intent, Plan
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey
from reconciler.resources.state import State

LATER = "2027-01-01T00:00:00Z"
MODEL = ResourceKey("Model", "default", "m")


def planned(
    *resources: Resource,
    state: State | None = None,
    source: str = "acme",
    prune: bool = True,
    force: bool = False,
) -> Plan:
    declared = {resource.key: resource for resource in resources}
    return plan(intent(declared, source=source, prune=prune, force=force), state or State(), now=LATER)


def applied(*resources: Resource, state: State | None = None, source: str = "acme") -> State:
    before = state or State()
    return after(before, planned(*resources, state=before, source=source, prune=False).edits)


def test_a_creation_has_defaults_and_owners_of_what_was_written() -> None:
    (change,) = planned(simulator(text="x")).changes
    assert change.action is Action.CREATE
    assert change.after is not None
    assert change.after.spec["enabled"] is True
    assert change.managed_fields == (
        FieldManager("git:acme", "Apply", {"f:spec": {"f:config": {"f:text": {}}, "f:type": {}}}, LATER),
    )
    assert (change.source, change.path) == ("acme", "all.yaml")


def test_what_stands_is_not_planned_and_its_time_is_kept() -> None:
    state = applied(simulator(text="x"))
    assert planned(simulator(text="x"), state=state).edits == ()


def test_a_default_that_a_release_changes_is_a_change() -> None:
    state = applied(simulator(text="x"))
    (item,) = state.values()
    older = State(
        [replace(item, resource=replace(item.resource, spec={**item.resource.spec, "priority": 9}))]
    )
    (change,) = planned(simulator(text="x"), state=older).changes
    assert change.after == item.resource


def test_ownership_alone_is_a_claim() -> None:
    state = applied(simulator(text="x"))
    made = planned(simulator(text="x"), state=state, source="other", prune=False)
    (claim,) = made.claims
    assert made.changes == ()
    assert keeps_content(claim)
    assert (claim.source, claim.path) == ("acme", "all.yaml")
    assert [entry.manager for entry in claim.managed_fields] == ["git:acme", "git:other"]


def test_a_resource_passes_to_the_source_that_declares_what_the_old_one_left() -> None:
    state = applied(model("m", displayName="x"))
    (change,) = planned(model("m", displayName="y"), state=state, source="other", force=True).changes
    assert (change.source, [entry.manager for entry in change.managed_fields]) == ("other", ["git:other"])


def test_without_a_source_a_resource_keeps_the_one_it_has() -> None:
    declarations = {MODEL: Declaration(model("m", displayName="x"), "-")}
    by_hand = Intent("cli:ada", None, declarations)
    (made,) = plan(by_hand, State(), now=TIME).changes
    assert (made.source, made.path) == (None, "-")
    (change,) = plan(by_hand, applied(model("m")), now=TIME).changes
    assert (change.source, change.path) == ("acme", "all.yaml")
    assert plan(by_hand, applied(model("other")), now=TIME).undeclared == ()


def test_a_conflict_is_no_change() -> None:
    state = applied(model("m", displayName="x"))
    made = planned(model("m", displayName="y"), state=state, source="other")
    assert (made.edits, [conflict.key for conflict in made.conflicts]) == ((), [MODEL])


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        (("",), True),
        (("dir",), True),
        (("dir/a.yaml",), True),
        (("di",), False),
        (("other", "dir"), True),
        (("x",), False),
    ],
)
def test_only_what_was_below_the_scopes_can_be_missing(scopes: tuple[str, ...], found: bool) -> None:
    state = State([stored(model("m"), path="dir/a.yaml")])
    made = plan(intent({}, scopes=scopes, prune=False), state, now=TIME)
    assert bool(made.undeclared) == found


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        (("dir/",), True),
        (("other/", "dir/"), True),
        (("",), False),
        (("dir",), False),
        (("./",), False),
        (("d/",), False),
    ],
)
def test_what_an_overlay_made_is_missing_from_that_overlay_alone(
    scopes: tuple[str, ...], found: bool
) -> None:
    state = State([stored(model("m"), path="dir/")])
    made = plan(intent({}, scopes=scopes, prune=False), state, now=TIME)
    assert bool(made.undeclared) == found


def test_a_share_in_anothers_resource_is_missed_where_all_was_read() -> None:
    state = applied(model("m"), state=applied(model("m")), source="guest")
    assert plan(intent({}, source="guest", prune=False), state, now=TIME).undeclared == (MODEL,)
    part = intent({}, source="guest", prune=False, scopes=("all.yaml",))
    assert plan(part, state, now=TIME).undeclared == ()


def test_a_pruned_resource_goes_to_nobody_where_only_people_hold_the_rest() -> None:
    by_hand = FieldManager("cli:ada", "Apply", to_fields_v1([(("f", "spec"), ("f", "displayName"))]), TIME)
    (item,) = applied(model("m", displayName="x", description="d")).values()
    state = State([replace(item, managed_fields=(*item.managed_fields, by_hand))])
    (change,) = planned(state=state).changes
    assert (change.action, change.source, change.path) == (Action.UPDATE, None, None)
    assert change.after == model("m", displayName="x")


def test_what_managers_declare_together_must_be_valid() -> None:
    state = applied(remote("p", timeout="5s"))
    state = applied(remote("p", headers={"x-a": "1"}), state=state, source="other")
    with pytest.raises(InvalidInput, match="Provider/p: what its managers declare together") as caught:
        planned(simulator("p"), state=state, force=True)
    assert "headers" in caught.value.message


def test_a_value_that_equals_the_stored_one_keeps_its_writing() -> None:
    (item,) = applied(remote("p", timeout="90s")).values()
    content: JsonObject = {"spec": remote("p", timeout="1m30s").spec}
    assert completed(item.key, content, item).spec is item.resource.spec
    assert completed(item.key, content, None).spec["config"] != item.resource.spec["config"]


def test_what_people_wrote_is_what_has_an_owner() -> None:
    (item,) = applied(simulator(text="x")).values()
    assert owned_content(item) == {"spec": {"type": "simulator", "config": {"text": "x"}}}
    assert owned_content(replace(item, managed_fields=())) == {}


def test_labels_that_have_all_gone_stand_against_nobody() -> None:
    labels = (("f", "metadata"), ("f", "labels"))
    by_hand = FieldManager("cli:ada", "Update", to_fields_v1([labels]), TIME)
    (item,) = applied(simulator()).values()
    state = State([replace(item, managed_fields=(*item.managed_fields, by_hand))])
    made = planned(simulator(labels={"team": "a"}), state=state)
    assert made.conflicts == ()
    (change,) = made.changes
    assert [entry.manager for entry in change.managed_fields] == ["git:acme"]
