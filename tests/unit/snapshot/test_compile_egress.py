from fakes.providers import PlainBuilder
from fakes.states import stored
from fakes.workshop import binding, model, remote

from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.snapshot.egress import OPEN

SETTINGS = ResourceKey("Settings", "default", "default")
NEAR, FAR = remote("near", host="10.0.0.5"), remote("far", host="api.example")
SERVED = (NEAR, FAR, model(), binding("n", "m", "near", priority=1), binding("f", "m", "far"))


def compiled(before: Compilation, *resources: Resource, guarded: bool = False) -> Compilation:
    changes: list[tuple[ResourceKey, StoredResource | None]] = [
        (each.key, stored(each)) for each in resources
    ]
    number = before.snapshot.revision + 1
    return compiler.compile(before, changes, number, PlainBuilder(), guarded=guarded)


def settings(**egress: object) -> Resource:
    spec: JsonObject = {"egress": egress}  # type: ignore[dict-item]  # JSON as tests write it
    return Resource(SETTINGS, spec)


def serving(compilation: Compilation) -> list[str]:
    found = compilation.snapshot.namespace("default").find("m")
    assert found is not None
    return [candidate.provider for candidate in found[0].candidates]


def test_without_settings_everything_is_open() -> None:
    first = compiled(EMPTY, *SERVED)
    assert first.snapshot.egress == OPEN
    assert serving(first) == ["near", "far"]


def test_a_guarded_policy_refuses_the_provider_and_nobody_else() -> None:
    first = compiled(EMPTY, *SERVED)
    second = compiled(first, guarded=True)
    assert serving(second) == ["far"]
    (refusal,) = second.snapshot.refusals
    assert (refusal.provider, refusal.serving, refusal.cause) == (NEAR.key, None, "EgressDenied")
    assert "- {network: 10.0.0.5, ports: [443]}" in refusal.reason
    assert second.snapshot.upstreams[FAR.key] is first.snapshot.upstreams[FAR.key]


def test_the_line_that_the_refusal_names_brings_it_back() -> None:
    refused = compiled(EMPTY, *SERVED, guarded=True)
    allowed = compiled(refused, settings(allow=[{"network": "10.0.0.5", "ports": [443]}]), guarded=True)
    assert serving(allowed) == ["near", "far"]
    assert allowed.snapshot.refusals == ()


def test_a_denial_takes_effect_on_what_is_built_already() -> None:
    first = compiled(EMPTY, *SERVED)
    second = compiled(first, settings(deny=[{"host": "*.example"}]))
    assert serving(second) == ["near"]
    assert FAR.key not in second.snapshot.upstreams


def test_the_whole_compile_comes_to_the_same() -> None:
    egress = settings(onlyAllowed=True, allow=[{"host": "api.example"}])
    step = compiled(compiled(EMPTY, *SERVED), egress, guarded=True)
    whole = compiled(EMPTY, *SERVED, egress, guarded=True)
    assert serving(step) == serving(whole) == ["far"]
    assert step.snapshot.egress == whole.snapshot.egress
    assert step.snapshot.refusals == whole.snapshot.refusals
