from reconciler.json_types import JsonObject
from reconciler.resources.references import Reference, references
from reconciler.resources.resource import Resource, ResourceKey


def of(kind: str, spec: JsonObject, namespace: str = "default") -> list[Reference]:
    return list(references(Resource(ResourceKey(kind, namespace, "it"), spec)))


def test_a_binding_refers_to_its_model_and_provider_in_its_own_namespace() -> None:
    assert of("Binding", {"model": "m", "provider": "p"}, "team-a") == [
        Reference(("spec", "model"), ResourceKey("Model", "team-a", "m")),
        Reference(("spec", "provider"), ResourceKey("Provider", "team-a", "p")),
    ]


def test_a_route_refers_to_its_targets_and_to_its_shadow() -> None:
    spec: JsonObject = {
        "targets": [{"model": "m"}, {"provider": "p"}],
        "shadow": {"target": {"model": "n", "provider": "q"}},
    }
    assert of("Route", spec, "team-a") == [
        Reference(("spec", "shadow", "target", "model"), ResourceKey("Model", "team-a", "n")),
        Reference(("spec", "shadow", "target", "provider"), ResourceKey("Provider", "team-a", "q")),
        Reference(("spec", "targets", 0, "model"), ResourceKey("Model", "team-a", "m")),
        Reference(("spec", "targets", 1, "provider"), ResourceKey("Provider", "team-a", "p")),
    ]


def test_a_provider_refers_to_the_secret_that_holds_its_key() -> None:
    written: JsonObject = {"valueFrom": {"secret": {"name": "keys", "key": "OPENAI"}}}
    spec: JsonObject = {"type": "openai-compatible", "config": {"baseURL": "http://a", "apiKey": written}}
    assert of("Provider", spec) == [
        Reference(("spec", "config", "apiKey"), ResourceKey("Secret", "default", "keys"), "OPENAI")
    ]


def test_other_ways_to_a_secret_refer_to_nothing() -> None:
    for written in (
        "sk-1",
        {"sealed": "v-1"},
        {"valueFrom": {"env": "A"}},
        {"valueFrom": {"secret": {"name": 1}}},
    ):
        spec: JsonObject = {"type": "openai-compatible", "config": {"apiKey": written}}  # type: ignore[dict-item]  # plain JSON
        assert of("Provider", spec) == []


def test_what_is_not_there_or_no_name_is_no_reference() -> None:
    assert of("Binding", {"model": 7}) == []
    assert of("Model", {"aliases": ["a"]}) == []
    assert of("Secret", {"data": {"K": {"value": "v"}}}) == []
    assert of("Settings", {"defaultModel": "m"}) == []
    assert of("Settings", {"activeProvider": 7}) == []
