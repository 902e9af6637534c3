"""A compile of what changed gives the full compile, and leaves alone what did not change."""

from collections.abc import Mapping
from dataclasses import replace

from fakes.providers import PlainBuilder
from fakes.states import after, planned
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Configuration, histories

from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Change, Compilation
from reconciler.snapshot.model import AskedTarget, Candidate, Namespace, Routes, Rule, ServedModel, Target

LAW = settings(max_examples=50, deadline=None)


def states(history: list[Configuration]) -> list[State]:
    made = [State()]
    for configuration in history:
        made.append(after(made[-1], planned(configuration, made[-1]).edits))
    return made[1:]


def changes(before: State, now: State) -> list[Change]:
    return [(key, now.get(key)) for key in sorted({*before, *now}) if before.get(key) != now.get(key)]


def shown(compilation: Compilation) -> object:
    """All of a compilation by value; an upstream by its fingerprint."""
    snapshot = compilation.snapshot
    return (
        snapshot.revision,
        {name: namespace_shown(namespace) for name, namespace in snapshot.namespaces.items()},
        {key: upstream.fingerprint for key, upstream in snapshot.upstreams.items()},
        {(refusal.provider, refusal.reason) for refusal in snapshot.refusals},
        dict(compilation.resources),
        {key: {*referring} for key, referring in compilation.referrers.items()},
        {key: model_shown(model) for key, model in compilation.models.items()},
    )


def namespace_shown(namespace: Namespace) -> object:
    return (
        {name: model_shown(model) for name, model in namespace.models.items()},
        [(prefix, model_shown(model)) for prefix, model in namespace.wildcards],
        namespace.default_model,
        namespace.active_provider,
        namespace.forwards,
        candidate_shown(namespace.forward) if namespace.forward is not None else None,
        [model_shown(model) for model in namespace.listed],
        routes_shown(namespace.routes) if namespace.routes is not None else None,
    )


def routes_shown(routes: Routes) -> object:
    return (
        {name: [rule.name for rule in rules] for name, rules in routes.named.items()},
        [rule.name for rule in routes.others],
        routes.reads,
        [rule_shown(rule) for rule in routes.listed],
    )


def rule_shown(rule: Rule) -> object:
    order = [(candidate_shown(each.candidate), each.upstream_model) for each in rule.order]
    tiers = [[target_shown(target) for target in tier] for tier in rule.tiers]
    served = [[target.label for target in tier] for tier in rule.served]
    return replace(rule, tiers=(), served=(), order=()), tiers, served, order


def target_shown(target: Target | AskedTarget) -> object:
    if isinstance(target, AskedTarget):
        return target
    candidates = [(candidate_shown(each.candidate), each.upstream_model) for each in target.candidates]
    return target._replace(candidates=()), candidates


def model_shown(model: ServedModel) -> object:
    candidates = [candidate_shown(each) for each in model.candidates]
    return model.name, candidates, model.created, model.card, model.left_out


def candidate_shown(candidate: Candidate) -> object:
    return (
        candidate.upstream.fingerprint,
        candidate.provider,
        candidate.binding,
        candidate.upstream_model,
        candidate.timeouts,
        candidate.parameters,
        candidate.priority,
        candidate.weight,
    )


@LAW
@given(histories())
def test_a_compile_of_changes_equals_the_full_compile(history: list[Configuration]) -> None:
    compilation, before = EMPTY, State()
    for state in states(history):
        compilation = compiler.compile(compilation, changes(before, state), state.revision, PlainBuilder())
        full = compiler.compile(EMPTY, state.items(), state.revision, PlainBuilder())
        assert shown(compilation) == shown(full)
        before = state


@LAW
@given(histories())
def test_a_compile_may_skip_revisions(history: list[Configuration]) -> None:
    made = states(history)
    first = compiler.compile(EMPTY, made[0].items(), 1, PlainBuilder())
    last = made[-1]
    skipped = compiler.compile(first, changes(made[0], last), last.revision, PlainBuilder())
    assert shown(skipped) == shown(compiler.compile(EMPTY, last.items(), last.revision, PlainBuilder()))


def touching(changed: Mapping[ResourceKey, object], state: State, key: ResourceKey) -> bool:
    secrets = {other.name for other in changed if other.kind == "Secret" and other.namespace == key.namespace}
    return key in changed or any(f"'name': '{name}'" in str(state[key].resource.spec) for name in secrets)


@LAW
@given(histories())
def test_an_untouched_provider_keeps_the_very_same_upstream(history: list[Configuration]) -> None:
    compilation, before = EMPTY, State()
    for state in states(history):
        changed = dict(changes(before, state))
        builder = PlainBuilder()
        following = compiler.compile(compilation, changed.items(), state.revision, builder)
        for key, upstream in compilation.snapshot.upstreams.items():
            if key in state and not touching(changed, state, key):
                assert following.snapshot.upstreams[key] is upstream
        compilation, before = following, state


@LAW
@given(histories(), st.sets(st.sampled_from(["alpha", "beta"])))
def test_a_refused_provider_keeps_its_build_and_the_others_are_built(
    history: list[Configuration], refused: set[str]
) -> None:
    compilation, before = EMPTY, State()
    for number, state in enumerate(states(history)):
        builder = PlainBuilder(*(refused if number else ()))
        following = compiler.compile(compilation, changes(before, state), state.revision, builder)
        enabled = {
            key
            for key, stored in state.items()
            if key.kind == "Provider" and stored.resource.spec.get("enabled", True)
        }
        assert following.snapshot.upstreams.keys() <= enabled
        missing = enabled - following.snapshot.upstreams.keys()
        assert missing <= {refusal.provider for refusal in following.snapshot.refusals}
        for refusal in following.snapshot.refusals:
            assert refusal.provider.name in refused
            assert following.snapshot.upstreams.get(refusal.provider) is compilation.snapshot.upstreams.get(
                refusal.provider
            )
        healed = compiler.compile(following, (), state.revision, PlainBuilder())
        assert healed.snapshot.refusals == ()
        assert healed.snapshot.upstreams.keys() == enabled
        compilation, before = following, state
