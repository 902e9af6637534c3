from dataclasses import replace

from fakes.providers import PlainBuilder
from fakes.states import TIME, after, planned
from fakes.workshop import binding, model, remote, secret, simulator

from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.snapshot.model import Refusal, ServedModel, Timeouts

SIM = simulator().key
FAR = remote().key
SETTINGS = ResourceKey("Settings", "default", "default")


class Stand:
    """A history of states, and the compilation that follows it."""

    def __init__(self, *resources: Resource) -> None:
        self.state = State()
        self.compilation: Compilation = EMPTY
        self.builder = PlainBuilder()
        self.set(*resources)

    def set(self, *resources: Resource) -> Compilation:
        declared = {each.key: each for each in resources}
        now = after(self.state, planned(declared, self.state).edits)
        changed = [(key, now.get(key)) for key in {*self.state, *now} if self.state.get(key) != now.get(key)]
        self.builder.built.clear()
        self.compilation = compiler.compile(self.compilation, changed, now.revision, self.builder)
        self.state = now
        return self.compilation

    def model(self, name: str = "m") -> ServedModel:
        found = self.compilation.snapshot.namespace("default").find(name)
        assert found is not None
        return found[0]

    def providers(self, name: str = "m") -> list[str]:
        return [candidate.provider for candidate in self.model(name).candidates]


def test_candidates_stand_by_priority_then_name() -> None:
    stand = Stand(
        model(),
        replace(simulator("a"), spec={**simulator("a").spec, "priority": 5}),
        simulator("b"),
        simulator("c"),
        binding("z", "m", "a"),
        binding("y", "m", "b", priority=9),
        binding("x", "m", "c", priority=5),
    )
    assert stand.providers() == ["b", "c", "a"]


def test_of_one_priority_the_weight_decides_before_the_name() -> None:
    stood = [model(), *(simulator(name) for name in "abc")]
    stand = Stand(*stood, binding("x", "m", "a", weight=0), binding("y", "m", "b"), binding("z", "m", "c"))
    assert stand.providers() == ["b", "c", "a"]
    heavy = binding("z", "m", "c", weight=2)
    stand.set(*stood, binding("x", "m", "a", weight=0), binding("y", "m", "b"), heavy)
    assert stand.providers() == ["c", "b", "a"]
    first = binding("x", "m", "a", weight=0, priority=1)
    stand.set(*stood, first, binding("y", "m", "b"), heavy)
    assert stand.providers() == ["a", "c", "b"]


def test_the_active_provider_comes_first_and_the_others_follow_in_their_order() -> None:
    stood = [
        model(),
        *(simulator(name) for name in "abc"),
        binding("x", "m", "a", priority=9),
        binding("y", "m", "b", priority=5),
        binding("z", "m", "c"),
    ]
    stand = Stand(*stood)
    assert stand.providers() == ["a", "b", "c"]
    for active, order in (("c", ["c", "a", "b"]), ("b", ["b", "a", "c"])):
        stand.set(*stood, Resource(SETTINGS, {"activeProvider": active}))
        assert stand.providers() == order
        assert stand.builder.built == []
        assert stand.compilation.snapshot.namespace("default").active_provider == active
    stand.set(*stood, Resource(SETTINGS, {}))
    assert stand.providers() == ["a", "b", "c"]


def test_an_active_provider_that_is_off_or_not_built_is_passed_over() -> None:
    stood = [
        model(),
        simulator("a"),
        remote(),
        binding("x", "m", "a"),
        binding("z", "m", "far"),
        Resource(SETTINGS, {"activeProvider": "far"}),
    ]
    stand = Stand(*stood)
    assert stand.providers() == ["far", "a"]
    off = replace(remote(), spec={**remote().spec, "enabled": False})
    stand.set(off, *(each for each in stood if each.key != FAR))
    assert stand.providers() == ["a"]
    stand.builder.refused = {"far"}
    stand.set(*stood)
    assert stand.providers() == ["a"]
    stand.builder.refused = set()
    stand.set(*stood, model("other"))
    assert stand.providers() == ["far", "a"]


def test_an_active_provider_moves_only_what_it_is_bound_to() -> None:
    stood = [
        model("m"),
        model("n"),
        *(simulator(name) for name in "abc"),
        binding("x", "m", "a"),
        binding("y", "m", "b"),
        binding("z", "n", "c"),
    ]
    stand = Stand(*stood)
    before = stand.model("n")
    stand.set(*stood, Resource(SETTINGS, {"activeProvider": "b"}))
    assert stand.providers("m") == ["b", "a"]
    assert stand.model("n") is before


def test_unknown_models_follow_the_settings_and_the_build_of_the_active_provider() -> None:
    on = Resource(SETTINGS, {"activeProvider": "far", "unknownModels": "forward"})
    stood = [model("m"), model("bound"), simulator(), remote(), binding("b", "bound", "sim")]
    stand = Stand(*stood)

    def unknown() -> tuple[str | None, list[str]]:
        forward = stand.compilation.snapshot.namespace("default").forward
        return forward.provider if forward is not None else None, stand.providers("m")

    assert unknown() == (None, [])
    before = stand.model("bound")
    stand.set(*stood, on)
    assert unknown() == ("far", ["far"])
    assert stand.model("bound") is before
    stand.set(*stood, Resource(SETTINGS, {"activeProvider": "sim", "unknownModels": "forward"}))
    assert unknown() == ("sim", ["sim"])
    stand.builder.refused = {"far"}
    off = replace(remote(), spec={**remote().spec, "enabled": False})
    stand.set(off, *(each for each in stood if each.key != FAR), on)
    assert unknown() == (None, [])
    assert stand.compilation.snapshot.namespace("default").forwards
    stand.builder.refused = set()
    stand.set(*stood, on)
    assert unknown() == ("far", ["far"])
    stand.set(*stood, on, binding("own", "m", "sim"))
    assert unknown() == ("far", ["sim"])
    stand.set(*stood)
    assert unknown() == (None, [])


def test_the_default_model_follows_the_active_provider_and_its_bindings() -> None:
    stood = [model("m"), model("n"), simulator("a"), simulator("b")]
    of_a, of_b = binding("x", "m", "a", default=True), binding("y", "n", "b", default=True)
    stand = Stand(*stood, of_a, of_b)

    def default() -> str | None:
        return stand.compilation.snapshot.namespace("default").default_model

    assert default() is None
    for active, model_name in (("a", "m"), ("b", "n")):
        stand.set(*stood, of_a, of_b, Resource(SETTINGS, {"activeProvider": active}))
        assert default() == model_name
    on_b = Resource(SETTINGS, {"activeProvider": "b"})
    stand.set(*stood, of_a, binding("y", "n", "b"), on_b)
    assert default() is None
    stand.set(*stood, of_a, binding("y", "m", "b", default=True), on_b)
    assert default() == "m"
    stand.set(*stood, of_a, of_b, Resource(SETTINGS, {"activeProvider": "b", "defaultModel": "m"}))
    assert default() == "m"


def test_an_active_provider_that_is_rebuilt_forwards_with_its_new_build() -> None:
    on = Resource(SETTINGS, {"activeProvider": "far", "unknownModels": "forward"})
    stand = Stand(remote(), on)
    stand.set(remote(headers={"x-a": "1"}), on)
    namespace = stand.compilation.snapshot.namespace("default")
    assert namespace.forward is not None
    assert namespace.forward.upstream is stand.compilation.snapshot.upstreams[FAR]


def test_what_is_switched_off_is_no_candidate() -> None:
    off = replace(simulator("off"), spec={**simulator("off").spec, "enabled": False})
    stand = Stand(
        model(), simulator(), off, binding("a", "m", "sim", enabled=False), binding("b", "m", "off")
    )
    assert stand.providers() == []
    assert stand.compilation.snapshot.upstreams.keys() == {SIM}
    stand.set(model(), simulator(), off, binding("a", "m", "sim"), binding("b", "m", "off"))
    assert stand.providers() == ["sim"]


def test_the_upstreams_name_is_the_bindings_or_the_models_or_the_rest() -> None:
    stand = Stand(
        model(),
        *(simulator(name) for name in "abc"),
        binding("a", "m", "a"),
        binding("b", "m", "b", upstreamModel="other"),
        binding("c", "m", "c", upstreamModel="*"),
    )
    assert [candidate.upstream_model for candidate in stand.model().candidates] == ["m", "other", None]


def test_timeouts_are_the_providers_in_seconds() -> None:
    stand = Stand(
        model(),
        simulator(),
        remote(timeout="1m30s", connectTimeout=1500),
        binding("a", "m", "far"),
        binding("b", "m", "sim"),
    )
    assert [candidate.timeouts for candidate in stand.model().candidates] == [
        Timeouts(connect=1.5, total=90.0),
        Timeouts(connect=5.0, total=120.0),
    ]


def test_models_are_found_by_name_alias_and_longest_prefix() -> None:
    stand = Stand(
        model(
            "m",
            aliases=["alias", "team/*"],
            displayName="The model",
            contextWindow=8,
            pricing={"cachedInput": "0.1"},
        ),
        model("n", aliases=["team/sub/*"]),
        Resource(SETTINGS, {"defaultModel": "alias"}),
    )
    namespace = stand.compilation.snapshot.namespace("default")
    assert [stand.model(asked).name for asked in ("alias", "team/x", "team/sub/x")] == ["m", "m", "n"]
    assert [prefix for prefix, _ in namespace.wildcards] == ["team/sub/", "team/"]
    assert [each.name for each in namespace.listed] == ["m", "n"]
    assert namespace.default_model == "alias"
    assert stand.model().card == {
        "display_name": "The model",
        "context_window": 8,
        "pricing": {"cached_input": "0.1"},
    }
    assert TIME.startswith("2026-01-01T00:00:00")
    assert stand.model().created == 1_767_225_600


def test_only_what_changed_is_built() -> None:
    both = [model(), simulator(), remote(), binding("a", "m", "sim"), binding("b", "m", "far")]
    stand = Stand(*both)
    assert sorted(stand.builder.built) == ["far", "sim"]
    before = stand.compilation.snapshot
    stand.set(*both[1:], model(displayName="new"))
    assert (stand.builder.built, stand.compilation.snapshot.upstreams) == ([], before.upstreams)
    stand.set(model(), simulator(text="new"), remote(), *both[3:])
    assert stand.builder.built == ["sim"]
    assert stand.compilation.snapshot.upstreams[FAR] is before.upstreams[FAR]
    assert stand.model().candidates[0].upstream is stand.compilation.snapshot.upstreams[SIM]


def test_other_namespaces_are_shared() -> None:
    there = replace(model("there"), key=ResourceKey("Model", "team-a", "there"))
    stand = Stand(model(), there)
    before = stand.compilation.snapshot.namespaces["team-a"]
    stand.set(model(displayName="new"), there)
    assert stand.compilation.snapshot.namespaces["team-a"] is before
    stand.set(there)
    assert stand.compilation.snapshot.namespaces.keys() == {"team-a"}


def test_nothing_changed_is_the_same_but_for_its_revision() -> None:
    stand = Stand(model())
    again = compiler.compile(stand.compilation, (), 9, stand.builder)
    assert again.snapshot.revision == 9
    assert again.snapshot.namespaces is stand.compilation.snapshot.namespaces
    assert again.snapshot.upstreams is stand.compilation.snapshot.upstreams


def test_a_binding_that_moves_leaves_the_old_model() -> None:
    stand = Stand(model("m"), model("n"), simulator(), binding("b", "m", "sim"))
    stand.set(model("m"), model("n"), simulator(), binding("b", "n", "sim"))
    assert (stand.providers("m"), stand.providers("n")) == ([], ["sim"])
    stand.set(model("m"), model("n"), simulator())
    assert stand.providers("n") == []


def test_what_templates_read_of_clients_follows_the_bindings() -> None:
    reading = binding("b", "m", "sim", config={"headers": {"X-A": "{header.X-Team}{model}"}})
    other = binding("c", "n", "sim", config={"headers": {"X-A": "{header.X-User}"}})
    stand = Stand(model("m"), model("n"), simulator(), reading, other)
    assert stand.compilation.snapshot.namespace("default").reads == {"x-team", "x-user"}
    off = replace(other, spec={**other.spec, "enabled": False})
    assert stand.set(model("m"), model("n"), simulator(), reading, off).snapshot.namespace(
        "default"
    ).reads == {"x-team"}
    assert stand.set(model("m"), simulator()).snapshot.namespace("default").reads == frozenset()


def test_a_dangling_binding_serves_when_its_provider_comes() -> None:
    """Not from an apply; but an object may come by itself one day."""
    (item,) = Stand(model()).state.values()
    bound = replace(item, resource=binding("b", "m", "sim"))
    alone = compiler.compile(EMPTY, [(item.key, item), (bound.key, bound)], 1, PlainBuilder())
    assert alone.snapshot.namespace("default").listed[0].candidates == ()
    provider = replace(item, resource=simulator())
    come = compiler.compile(alone, [(provider.key, provider)], 2, PlainBuilder())
    assert [each.provider for each in come.snapshot.namespace("default").listed[0].candidates] == ["sim"]
    gone = compiler.compile(come, [(item.key, None)], 3, PlainBuilder())
    assert gone.snapshot.namespaces == {}


def test_a_changed_secret_rebuilds_who_refers_to_it() -> None:
    key = {"valueFrom": {"secret": {"name": "keys", "key": "ONE"}}}
    stand = Stand(model(), secret(ONE="a"), remote(apiKey=key), simulator(), binding("b", "m", "far"))
    stand.set(model(), secret(ONE="b"), remote(apiKey=key), simulator(), binding("b", "m", "far"))
    assert stand.builder.built == ["far"]
    assert stand.model().candidates[0].upstream is stand.compilation.snapshot.upstreams[FAR]


def test_a_refused_provider_keeps_its_build_and_heals_with_the_next_compile() -> None:
    stand = Stand(model(), remote(), simulator(), binding("a", "m", "far"), binding("b", "m", "sim"))
    built = stand.compilation.snapshot.upstreams[FAR]
    stand.builder.refused = {"far"}
    rest = [model(), simulator(), binding("a", "m", "far"), binding("b", "m", "sim")]
    stand.set(remote(headers={"x-a": "1"}), *rest)
    assert [*stand.compilation.snapshot.refusals] == [Refusal(FAR, "refused", 1)]
    assert stand.providers() == ["far", "sim"]
    assert stand.model().candidates[0].upstream is built
    stand.builder.refused = set()
    stand.set(remote(headers={"x-a": "1"}), *rest, model("other"))
    assert stand.compilation.snapshot.refusals == ()
    assert stand.model().candidates[0].upstream is not built


def test_a_refused_provider_that_never_was_built_has_no_candidates_until_it_is() -> None:
    stand = Stand()
    stand.builder.refused = {"far"}
    stand.set(model(), remote(), binding("a", "m", "far"))
    assert stand.providers() == []
    assert stand.compilation.snapshot.refusals == (Refusal(FAR, "refused", None),)
    stand.builder.refused = set()
    stand.set(model(), remote(), binding("a", "m", "far"), model("other"))
    assert stand.providers() == ["far"]


def test_a_refusal_ends_with_its_provider() -> None:
    stand = Stand()
    stand.builder.refused = {"far"}
    stand.set(remote())
    stand.set(replace(remote(), spec={**remote().spec, "enabled": False}))
    assert stand.compilation.snapshot.refusals == ()


def test_what_is_being_deleted_is_left_out() -> None:
    stand = Stand(model(), simulator("a"), simulator("b"), binding("x", "m", "a"), binding("y", "m", "b"))
    assert stand.providers() == ["a", "b"]
    marked = {
        key: replace(each, resource=replace(each.resource, finalizers=("f",), deletion_timestamp=TIME))
        for key, each in stand.state.items()
        if key.name in ("a", "x")
    }
    for before in (stand.compilation, EMPTY):
        changes = {**stand.state, **marked}.items()
        now = compiler.compile(before, changes, 9, PlainBuilder())
        assert not now.resources.keys() & marked.keys()
        (served,) = now.snapshot.namespaces["default"].listed
        assert [each.provider for each in served.candidates] == ["b"]


def test_probes_are_those_of_built_providers_and_shared_while_they_stay() -> None:
    probed = replace(simulator(), spec={**simulator().spec, "health": {"probe": {"interval": "7s"}}})
    stand = Stand(model(), simulator("other"))
    assert stand.compilation.snapshot.probes == {}
    before = stand.set(probed, simulator("other"), model()).snapshot.probes
    assert {key.name: probe.interval for key, probe in before.items()} == {probed.key.name: 7.0}
    assert stand.set(probed, replace(simulator("other"), labels={"a": "b"})).snapshot.probes is before
    disabled = replace(probed, spec={**probed.spec, "enabled": False})
    assert stand.set(disabled).snapshot.probes == {}
    assert stand.set(probed).snapshot.probes == before
    assert stand.set().snapshot.probes == {}
