from dataclasses import replace

from fakes.states import TIME, after, intent, planned, stored
from fakes.workshop import binding, model, remote, secret, simulator

from reconciler.control.holding import (
    declared_digest,
    ended_by_apply,
    hold_back,
    holds_of,
    standing,
    still_declares,
    stored_digest,
    wait_out,
)
from reconciler.control.plan.differ import plan
from reconciler.control.plan.model import Held, content_of
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import Hold

FAR = ResourceKey("Provider", "default", "far")


def state_of(*resources: Resource) -> State:
    return after(State(), planned({each.key: each for each in resources}, State()).edits)


def co_owned(by: str, *resources: Resource, on: State, force: bool = False) -> State:
    declared = {each.key: each for each in resources}
    edits = plan(intent(declared, source=by, prune=False, force=force), on, now=TIME).edits
    return after(on, edits)


def hold_of(item: StoredResource, source: str = "acme") -> Hold:
    (hold,) = [hold for hold in holds_of(item, item, item.key) if hold.source == source]
    return hold


def test_a_digest_is_over_values() -> None:
    one = declared_digest(FAR, content_of(remote(timeout="90s", headers={"x-a": "1", "x-b": "2"})))
    assert one == declared_digest(FAR, content_of(remote(headers={"x-b": "2", "x-a": "1"}, timeout="1m30s")))
    assert one != declared_digest(FAR, content_of(remote(timeout="91s", headers={"x-a": "1", "x-b": "2"})))
    assert declared_digest(FAR, {}) is None


def test_what_the_store_says_a_source_declared_is_what_it_declares() -> None:
    (item,) = state_of(remote(timeout="90s")).values()
    assert stored_digest(item, "acme") == declared_digest(FAR, content_of(remote(timeout="90s")))
    assert stored_digest(item, "other") is None


def test_a_co_owner_of_the_same_fields_changes_nothing() -> None:
    before = state_of(remote(timeout="90s"))
    (item,) = co_owned("other", remote(), on=before).values()
    assert stored_digest(item, "acme") == stored_digest(before[FAR], "acme")


def test_fields_that_another_took_are_left_out() -> None:
    before = state_of(remote(timeout="90s", connectTimeout="2s"))
    (item,) = co_owned("other", remote(timeout="91s", connectTimeout="2s"), on=before, force=True).values()
    hold = hold_of(item)
    assert still_declares(hold, content_of(remote(timeout="90s", connectTimeout="2s")))
    assert still_declares(hold, content_of(remote(timeout="92s", connectTimeout="2s")))
    assert not still_declares(hold, content_of(remote(timeout="90s", connectTimeout="3s")))
    assert not still_declares(
        hold, content_of(remote(timeout="90s", connectTimeout="2s", headers={"x-a": "1"}))
    )
    assert not still_declares(hold, None)


def test_each_source_that_owned_or_owns_it_is_held() -> None:
    by_hand = FieldManager("cli:ada", "Apply", {"f:spec": {"f:priority": {}}}, TIME)
    mine = FieldManager("git:now", "Apply", {"f:spec": {"f:type": {}}}, TIME)
    theirs = FieldManager("git:then", "Apply", {"f:spec": {"f:type": {}}}, TIME)
    now, then = stored(remote(), mine, by_hand), stored(remote(), theirs)
    holds = holds_of(now, then, FAR)
    assert [(hold.source, hold.declared is None) for hold in holds] == [("now", False), ("then", True)]
    assert [hold.declared for hold in holds_of(None, then, FAR)] == [None]
    assert holds_of(None, None, FAR) == []


def test_a_hold_against_nothing_stands_while_nothing_is_declared() -> None:
    hold = Hold(FAR, "acme", None)
    assert still_declares(hold, None)
    assert not still_declares(hold, content_of(remote()))


def test_holds_of_other_sources_are_none_of_its_business() -> None:
    state = state_of(remote())
    holds = [Hold(FAR, "other", None)]
    stands = standing(holds, intent({}), state)
    assert (stands.held, stands.released) == ({}, ())
    assert ended_by_apply(holds, intent({}), state) == ()


def test_only_what_was_read_ends_a_hold() -> None:
    state = state_of(remote(), simulator())
    absent = ResourceKey("Model", "default", "absent")
    holds = [Hold(FAR, "acme", "x"), Hold(absent, "acme", "x")]
    elsewhere = intent({simulator().key: simulator()}, scopes=("dir",))
    assert standing(holds, elsewhere, state).held.keys() == {FAR, absent}
    assert ended_by_apply(holds, elsewhere, state) == ()
    there = intent({}, scopes=("all.yaml",))
    assert standing(holds, there, state).released == (holds[0],)
    assert ended_by_apply(holds, there, state) == ((FAR, "acme"),)
    assert len(standing(holds, intent({}), state).released) == 2


def held_plan(state: State, held: Resource, *declared: Resource) -> tuple[list[str], list[str]]:
    """(changes, waiting) of a resync while `held` is held as it is in `state`."""
    wanted = intent({each.key: each for each in declared})
    content = content_of(next(each for each in declared if each.key == held.key))
    hold = Hold(held.key, "acme", declared_digest(held.key, content), 3)
    made = hold_back(plan(wanted, state, now=TIME), standing([hold], wanted, state), state)
    assert made.held == (Held(held.key, 3, drifts=True),)
    return [str(change.key) for change in made.changes], [str(waiting.key) for waiting in made.waiting]


def test_what_refers_to_a_held_absence_waits_with_what_refers_to_it() -> None:
    state = state_of(model("m"))
    changes, waiting = held_plan(
        state, simulator(), model("m"), simulator(), binding("b", "m", "sim"), model("n")
    )
    assert (changes, waiting) == (["Model/n"], ["Binding/b"])


def test_what_a_held_resource_refers_to_is_not_deleted() -> None:
    state = state_of(model("m"), simulator("p"), simulator("q"), binding("b", "m", "p"))
    changes, waiting = held_plan(
        state, binding("b", "m", "p"), model("m"), simulator("q"), binding("b", "m", "q")
    )
    assert (changes, waiting) == ([], ["Provider/p"])


def test_what_clashes_with_a_held_resource_waits() -> None:
    state = state_of(model("m", aliases=["shared"]))
    changes, waiting = held_plan(
        state, model("m"), model("m", aliases=["other"]), model("n", aliases=["shared"])
    )
    assert (changes, waiting) == ([], ["Model/n"])


def test_a_model_that_would_drop_a_name_that_is_held_waits() -> None:
    settings = Resource(ResourceKey("Settings", "default", "default"), {"defaultModel": "old"})
    state = state_of(model("m", aliases=["old"]), settings)
    now = Resource(settings.key, {"defaultModel": "m"})
    changes, waiting = held_plan(state, settings, model("m"), model("n"), now)
    assert (changes, waiting) == (["Model/n"], ["Model/m"])


def test_where_either_of_two_changes_is_to_blame_one_waits() -> None:
    """Two Models drop names of which one would do."""
    settings = Resource(ResourceKey("Settings", "default", "default"), {"defaultModel": "old/x"})
    state = state_of(model("m", aliases=["old/*"]), model("n", aliases=["ol*"]), settings)
    now = Resource(settings.key, {"defaultModel": "m"})
    assert held_plan(state, settings, model("m"), model("n"), now) == (["Model/n"], ["Model/m"])


def test_what_no_change_is_to_blame_for_is_left_to_the_check_of_the_result() -> None:
    """A state that breaks a rule already, as an older release may have left it."""
    key = ResourceKey("Settings", "default", "default")
    state = State([stored(Resource(key, {"defaultModel": "gone"}))])
    now = Resource(key, {"defaultModel": "n"})
    elsewhere = Resource(ResourceKey("Model", "team-a", "m"), {})
    changes, waiting = held_plan(state, now, now, model("n"), elsewhere)
    assert (changes, waiting) == (["Model/n", "Model/team-a/m"], [])


def test_without_holds_a_plan_is_left_as_it_is() -> None:
    wanted = intent({FAR: remote()})
    made = plan(wanted, State(), now=TIME)
    assert hold_back(made, standing([], wanted, State()), State()) == made


def test_what_refers_to_what_is_being_deleted_waits_with_what_refers_to_it() -> None:
    keys = replace(secret(K="v"), finalizers=("f",))
    far = remote(apiKey={"valueFrom": {"secret": {"name": "keys", "key": "K"}}})
    state = state_of(keys)
    assert wait_out(plan(intent({}), state, now=TIME), state) == plan(intent({}), state, now=TIME)
    marked = replace(state[keys.key], resource=replace(keys, deletion_timestamp="t"))
    state = State([marked], revision=2)
    wanted = {each.key: each for each in (keys, far, model("m"), binding("b", "m", "far"), simulator())}
    done = wait_out(plan(intent(wanted), state, now=TIME), state)
    assert [str(change.key) for change in done.changes] == ["Provider/sim", "Model/m"]
    assert [(str(each.key), each.reason) for each in done.waiting] == [
        (
            "Secret/keys",
            "being deleted since t, waits for finalizers: f; the apply after they are gone makes it anew",
        ),
        ("Provider/far", "refers to Secret/keys, which is being deleted"),
        ("Binding/b", "refers to Provider/far, which waits"),
    ]
