from fakes.keys import client_key
from fakes.states import stored
from fakes.workshop import binding, model, simulator

from reconciler.control.plan.impact import impact
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.secrets.key_text import mint

KEY = mint("rk")
SERVED = (
    simulator("a"),
    model("m", aliases=["n"]),
    model("o"),
    binding("ma", "m", "a"),
    binding("oa", "o", "a"),
)


def state(*more: Resource, served: tuple[Resource, ...] = SERVED) -> State:
    return State(stored(each) for each in (*served, *more))


def found(before: State, after: State) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.word, each.subject, each.before, each.after) for each in impact(before, after).effects]


def settings(data_plane: str) -> Resource:
    return Resource(ResourceKey("Settings", "default", "default"), {"auth": {"dataPlane": data_plane}})


def test_a_client_that_is_let_in_no_more() -> None:
    refused = [("client-refused", "team", ("accepted",), ("refused",))]
    there = state(client_key("team", KEY))
    assert found(there, state()) == refused
    assert found(there, state(client_key("team", KEY, enabled=False))) == refused
    assert found(there, state(client_key("team"))) == refused
    assert found(state(), there) == []


def test_a_client_that_may_ask_for_less() -> None:
    everything, some = client_key("team", KEY), client_key("team", KEY, models=["n", "o"])
    assert found(state(everything), state(some)) == [("less-permitted", "team", ("m",), ())]
    assert found(state(some), state(everything)) == []
    none = client_key("team", KEY, models=["x"], description="another text")
    assert found(state(some), state(none)) == [("less-permitted", "team", ("n", "o"), ())]
    assert found(state(everything), state(client_key("team", mint("rk")))) == []


def test_what_vanishes_for_all_is_not_told_of_a_client() -> None:
    less = tuple(each for each in SERVED if each.key.name not in ("o", "oa"))
    words = [
        word
        for word, *_ in found(state(client_key("team", KEY)), state(client_key("team", KEY), served=less))
    ]
    assert words == ["lost-model", "vanished-name"]


def test_whether_keys_are_asked_for() -> None:
    assert found(state(), state(settings("keys"))) == [("keys-asked-for", "", ("none",), ("keys",))]
    assert found(state(settings("keys")), state()) == [("keys-asked-for", "", ("keys",), ("none",))]
    assert found(state(settings("none")), state()) == []
