from dataclasses import replace

from fakes.states import stored
from fakes.workshop import binding, model, remote

from reconciler.control.plan.impact import impact
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State

NEAR, FAR = remote("near", host="10.0.0.5"), remote("far", host="api.example")
M = model("m")
SERVED = (NEAR, FAR, M, binding("n", "m", "near", priority=1), binding("f", "m", "far"))


def state(*resources: Resource) -> State:
    return State(stored(each) for each in resources)


def settings(**egress: object) -> Resource:
    spec: JsonObject = {"egress": egress}  # type: ignore[dict-item]  # JSON as tests write it
    return Resource(ResourceKey("Settings", "default", "default"), spec)


def words(before: State, after: State, *, guarded: bool = False) -> list[str]:
    return [f"{each.namespace} {each.word}" for each in impact(before, after, guarded=guarded).effects]


def test_another_policy_takes_and_gives_providers() -> None:
    one, other = state(*SERVED), state(*SERVED, settings(deny=[{"host": "api.example"}]))
    assert words(one, other) == ["default single-provider", "default fallback-order"]
    assert words(other, one) == ["default fallback-order"]
    nobody = state(*SERVED, settings(onlyAllowed=True))
    assert words(one, nobody) == ["default lost-model"]


def test_it_reaches_every_namespace() -> None:
    there = [replace(each, key=each.key._replace(namespace="team-a")) for each in SERVED]
    one, other = state(*there), state(*there, settings(onlyAllowed=True))
    assert words(one, other) == ["team-a lost-model"]


def test_what_is_refused_from_the_start_serves_nobody() -> None:
    before = state(settings(deny=[{"host": "api.example"}]))
    after = state(settings(deny=[{"host": "api.example"}]), FAR, M, binding("f", "m", "far"))
    assert words(before, after) == ["default appeared-name"]


def test_once_there_is_a_token_what_is_local_must_be_allowed() -> None:
    one = state(NEAR, M)
    other = state(NEAR, M, binding("n", "m", "near"))
    assert words(one, other) == ["default gained-model"]
    assert words(one, other, guarded=True) == []
