from dataclasses import replace

from fakes.providers import PlainBuilder
from fakes.states import stored
from fakes.workshop import binding, model, simulator
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.plan.effects import EFFECTS, Effect, Impact
from reconciler.control.plan.impact import impact
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY


def state(*resources: Resource) -> State:
    return State(stored(each) for each in resources)


def found(before: State, after: State) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.word, each.subject, each.before, each.after) for each in impact(before, after).effects]


def settings(default: str | None, namespace: str = "default", **more: JsonValue) -> Resource:
    spec: dict[str, JsonValue] = {"defaultModel": default, **more} if default is not None else {**more}
    return Resource(ResourceKey("Settings", namespace, "default"), spec)


def off(resource: Resource) -> Resource:
    return replace(resource, spec={**resource.spec, "enabled": False})


A, B = simulator("a"), simulator("b")
M = model("m")
MA, MB = binding("ma", "m", "a", priority=5), binding("mb", "m", "b")
SERVED = (A, B, M, MA, MB)


def test_what_nobody_serves_any_more() -> None:
    lost = ("lost-model", "m", ("a",), ())
    assert found(state(A, M, MA), state(off(A), M, MA)) == [lost]
    assert found(state(A, M, MA), state(A, M, off(MA))) == [lost]
    assert found(state(A, M, MA), state(A, M)) == [lost]
    assert found(state(A, M, MA), state(A)) == [lost, ("vanished-name", "m", ("m",), ())]


def test_what_nobody_served_before() -> None:
    assert found(state(A, M), state(A, M, MA)) == [("gained-model", "m", (), ("a",))]
    assert found(state(), state(A, M, MA)) == [
        ("gained-model", "m", (), ("a",)),
        ("appeared-name", "m", (), ("m",)),
    ]


def test_one_provider_left_of_several_is_another_order_too() -> None:
    assert found(state(*SERVED), state(A, B, M, MB)) == [
        ("single-provider", "m", ("a", "b"), ("b",)),
        ("fallback-order", "m", ("a", "b"), ("b",)),
    ]
    assert found(state(A, B, M, MB), state(*SERVED)) == [("fallback-order", "m", ("b",), ("a", "b"))]


def test_the_order_is_that_of_the_gateway() -> None:
    first = replace(MB, spec={**MB.spec, "priority": 9})
    assert found(state(*SERVED), state(A, B, M, MA, first)) == [
        ("fallback-order", "m", ("a", "b"), ("b", "a"))
    ]
    eager = replace(B, spec={**B.spec, "priority": 9})  # a binding takes its provider's priority
    assert found(state(*SERVED), state(A, eager, M, MA, MB)) == [
        ("fallback-order", "m", ("a", "b"), ("b", "a"))
    ]


def test_another_weight_is_another_order() -> None:
    level = binding("ma", "m", "a")
    heavy = replace(MB, spec={**MB.spec, "weight": 2})
    assert found(state(A, B, M, level, MB), state(A, B, M, level, heavy)) == [
        ("fallback-order", "m", ("a", "b"), ("b", "a"))
    ]
    assert found(state(*SERVED), state(A, B, M, MA, heavy)) == []


def test_another_name_of_a_binding_that_keeps_the_order_is_nothing() -> None:
    other = binding("zz", "m", "b")
    assert found(state(*SERVED), state(A, B, M, MA, other)) == []


def test_names_that_vanish_move_and_appear() -> None:
    n = model("n")
    before = state(model("m", aliases=["x", "y", "gone/*"]), n)
    after = state(M, model("n", aliases=["y", "new/*"]))
    assert found(before, after) == [
        ("vanished-name", "gone/*", ("m",), ()),
        ("vanished-name", "x", ("m",), ()),
        ("moved-name", "y", ("m",), ("n",)),
        ("appeared-name", "new/*", (), ("n",)),
    ]


def test_a_name_that_a_wildcard_takes_over_has_not_vanished() -> None:
    wide = model("n", aliases=["g*"])
    assert found(state(model("m", aliases=["gpt", "gpt-*"]), wide), state(M, wide)) == [
        ("moved-name", "gpt", ("m",), ("n",)),
        ("moved-name", "gpt-*", ("m",), ("n",)),
    ]
    own = model("m", aliases=["g*"])
    assert found(state(model("m", aliases=["gpt", "g*"])), state(own)) == []


def test_the_default_model_is_what_it_means() -> None:
    n, known = model("n"), model("m", aliases=["x", "p/*"])
    assert found(state(known, n, settings("m")), state(known, n, settings("x"))) == []
    assert found(state(known, n, settings("x")), state(known, n, settings("n"))) == [
        ("default-model", "", ("x", "m"), ("n",))
    ]
    assert found(state(known, settings("p/1")), state(known, settings("p/2"))) == [
        ("default-model", "", ("p/1", "m"), ("p/2", "m"))
    ]
    assert found(state(known, settings("m")), state(known)) == [("default-model", "", ("m",), ())]
    assert found(state(known, settings("m")), state(known, settings("nothing"))) == [
        ("default-model", "", ("m",), ())
    ]


def test_an_active_provider_is_told_and_the_orders_that_it_changes() -> None:
    other, c = model("other"), simulator("c")
    served = (*SERVED, other, c, binding("oc", "other", "c"))
    moved = ("fallback-order", "m", ("a", "b"), ("b", "a"))
    first = settings(None, activeProvider="b")
    assert found(state(*served), state(*served, first)) == [moved, ("active-provider", "", (), ("b",))]
    assert found(state(*served, first), state(*served)) == [
        ("fallback-order", "m", ("b", "a"), ("a", "b")),
        ("active-provider", "", ("b",), ()),
    ]
    assert found(state(*served, settings("m")), state(*served, settings("m", activeProvider="a"))) == [
        ("active-provider", "", (), ("a",))
    ]
    quiet = replace(MB, spec={**MB.spec, "priority": 1})
    assert found(state(*served, first), state(A, B, M, MA, quiet, other, c, first)) == [
        ("lost-model", "other", ("c",), ())
    ]


def test_the_default_of_the_active_provider_is_a_default_model() -> None:
    n = model("n")
    of_a, of_b = binding("ma", "m", "a", default=True), binding("nb", "n", "b", default=True)
    stood = (A, B, M, n)
    on_a, on_b = settings(None, activeProvider="a"), settings(None, activeProvider="b")
    assert found(state(*stood, of_a, of_b, on_a), state(*stood, of_a, of_b, on_b)) == [
        ("default-model", "", ("m",), ("n",)),
        ("active-provider", "", ("a",), ("b",)),
    ]
    assert found(state(*stood, of_a, on_a), state(*stood, binding("ma", "m", "a"), on_a)) == [
        ("default-model", "", ("m",), ())
    ]
    assert found(state(*stood, of_a, on_a), state(*stood, of_a, settings("n", activeProvider="a"))) == [
        ("default-model", "", ("m",), ("n",))
    ]
    assert found(state(*stood, of_a, on_a), state(A, B, M, model("n", displayName="N"), of_a, on_a)) == []


def test_prices_that_change() -> None:
    def priced(**pricing: str) -> State:
        return state(A, MA, model("m", pricing={**pricing}))

    cheap, dear = priced(input="0.15", output="0.60"), priced(input="0.2", output="0.5")
    texts = ("input 0.15", "output 0.60"), ("input 0.2", "output 0.5")
    assert found(cheap, dear) == [("price-increase", "m", *texts)]
    assert found(priced(input="2"), priced(input="10")) == [
        ("price-increase", "m", ("input 2",), ("input 10",))
    ]
    assert found(dear, priced(input="0.2", output="0.4")) == [
        ("price-decrease", "m", texts[1], ("input 0.2", "output 0.4"))
    ]
    assert found(cheap, priced(input="0.150", output="0.6")) == []


def test_a_price_that_comes_is_a_rise_and_one_that_goes_is_none() -> None:
    free, unknown = state(A, MA, model("m", pricing={"cachedInput": "0"})), state(A, MA, M)
    assert found(unknown, free) == [("price-increase", "m", (), ("cached input 0",))]
    assert found(free, unknown) == [("price-decrease", "m", ("cached input 0",), ())]
    assert [word for word, *_ in found(state(A), state(A, model("m", pricing={"input": "1"})))] == [
        "appeared-name"
    ]


def test_records_that_would_be_deleted_are_told() -> None:
    week, day = settings(None), settings(None, retention="24h")
    assert found(state(week), state(day)) == [("lost-records", "", ("168h",), ("24h",))]
    assert found(state(A), state(A, settings(None, retention="90m"))) == [
        ("lost-records", "", ("168h",), ("1.5h",))
    ]
    short, small = (
        settings(None, retention="30s"),
        settings(None, retention="24h", records={"maxSizeMiB": 100}),
    )
    assert found(state(day), state(short)) == [("lost-records", "", ("24h",), ("30s",))]
    assert found(state(week), state(small)) == [
        ("lost-records", "", ("168h", "512 MiB"), ("24h", "100 MiB")),
    ]
    assert found(state(day), state(week)) == []
    assert found(state(), state(day)) == []  # nothing was kept yet
    assert found(state(day, A), state(day)) == []


def test_where_unknown_models_go_is_told_and_what_that_serves() -> None:
    other = model("other")
    on = settings(None, activeProvider="b", unknownModels="forward")
    off = settings(None, activeProvider="b", unknownModels="reject")
    assert found(state(*SERVED, other, off), state(*SERVED, other, on)) == [
        ("unknown-models", "", (), ("b",)),
        ("gained-model", "other", (), ("b",)),
    ]
    assert found(state(*SERVED, other, on), state(*SERVED, other, off)) == [
        ("lost-model", "other", ("b",), ()),
        ("unknown-models", "", ("b",), ()),
    ]
    bound = binding("oa", "other", "a")
    assert found(state(*SERVED, other, on), state(*SERVED, other, on, bound)) == [
        ("fallback-order", "other", ("b",), ("a",))
    ]


def test_namespaces_stand_apart_and_the_gravest_comes_first() -> None:
    def there(resource: Resource) -> Resource:
        return replace(resource, key=resource.key._replace(namespace="team"))

    before = state(A, M, MA, *(there(each) for each in (A, M, MA)))
    after = state(A, M, MA, there(A), there(replace(M, spec={"aliases": ["z"]})))
    assert impact(before, after).effects == (
        Effect("lost-model", "team", "m", ("a",), ()),
        Effect("appeared-name", "team", "z", (), ("m",)),
    )


def test_the_counts_are_by_word_in_the_order_of_the_table() -> None:
    words = ["appeared-name", "lost-model", "appeared-name"]
    counted = Impact(tuple(Effect(word, "default", "m") for word in words)).counts()
    assert [*counted.items()] == [("lost-model", 1), ("appeared-name", 2)]


names = st.sampled_from(["a", "b", "c"])
resources = st.lists(
    st.builds(lambda name, on: simulator(name) if on else off(simulator(name)), names, st.booleans())
    | st.builds(
        lambda name, aliases: model(name, aliases=aliases),
        names,
        st.lists(st.sampled_from(["x", "y*", "x*", "z"])),
    )
    | st.builds(
        lambda name, of, to, at: binding(name, of, to, priority=at), names, names, names, st.integers(0, 2)
    )
    | st.builds(
        lambda default, active, unknown: settings(
            default, unknownModels=unknown, **({"activeProvider": active} if active else {})
        ),
        st.none() | st.sampled_from(["a", "x", "yes"]),
        st.none() | names,
        st.sampled_from(["reject", "forward"]),
    ),
    max_size=12,
)


@given(resources, resources)
def test_the_same_is_no_impact_and_the_way_back_undoes_it(
    first: list[Resource], second: list[Resource]
) -> None:
    one, other = state(*first), state(*second)
    assert impact(one, one) == Impact()
    assert impact(one, state(*first)) == Impact()
    there, back = impact(one, other).effects, impact(other, one).effects
    assert {each.word for each in there + back} <= EFFECTS.keys()

    def plain(
        effects: tuple[Effect, ...], *, turned: bool
    ) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        return {
            (each.subject, *((each.after, each.before) if turned else (each.before, each.after)))
            for each in effects
        }

    assert plain(there, turned=True) == plain(back, turned=False)


def served(state: State) -> dict[str, tuple[str, ...]]:
    """Who serves each model, of a compile of everything."""
    whole = compiler.compile(EMPTY, state.items(), 0, PlainBuilder()).snapshot.namespace("default")
    return {each.name: tuple(candidate.provider for candidate in each.candidates) for each in whole.listed}


@given(resources, resources)
def test_what_the_changes_do_not_reach_makes_no_difference(
    first: list[Resource], second: list[Resource]
) -> None:
    one, other = served(state(*first)), served(state(*second))
    assert {
        (each.subject, each.before, each.after)
        for each in impact(state(*first), state(*second)).effects
        if each.word in {"lost-model", "gained-model", "fallback-order"}
    } == {
        (name, one.get(name, ()), other.get(name, ()))
        for name in {*one, *other}
        if one.get(name, ()) != other.get(name, ())
    }
