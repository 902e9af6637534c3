from fakes.linting import declarations

from reconciler.control.lint.declarations import Service, config_of, enabled, named, texts
from reconciler.resources.resource import Resource, ResourceKey

TEXT = """\
kind: Provider
metadata: {name: a}
spec: {type: simulator, priority: 5, config: {}}
---
kind: Provider
metadata: {name: off}
spec: {type: simulator, enabled: false, config: {}}
---
kind: Model
metadata: {name: m}
spec: {aliases: [exact, "wide*"]}
---
kind: Model
metadata: {name: n}
spec: {aliases: ["wider*"]}
---
kind: Model
metadata: {name: n, namespace: other}
spec: {aliases: ["w*"]}
---
kind: Binding
metadata: {name: z}
spec: {model: m, provider: a}
---
kind: Binding
metadata: {name: b}
spec: {model: m, provider: elsewhere, priority: 5}
---
kind: Binding
metadata: {name: c}
spec: {model: m, provider: off, priority: 9}
---
kind: Binding
metadata: {name: d}
spec: {model: m, provider: first, enabled: false}
---
kind: Binding
metadata: {name: e}
spec: {model: m, provider: last}
"""
FILES = declarations(TEXT)


def key(kind: str, name: str, namespace: str = "default") -> ResourceKey:
    return ResourceKey(kind, namespace, name)


def test_who_serves_a_model_in_the_order_of_trying() -> None:
    assert FILES.services(key("Model", "m")) == (
        Service(key("Binding", "b"), key("Provider", "elsewhere"), 5),
        Service(key("Binding", "z"), key("Provider", "a"), 5),
        Service(key("Binding", "e"), key("Provider", "last"), 0),
    )
    assert FILES.services(key("Model", "n")) == ()


def test_the_model_that_a_name_means() -> None:
    meant = {name: FILES.model_of("default", name) for name in ("m", "exact", "wide-1", "wider-1", "what")}
    assert meant == {
        "m": key("Model", "m"),
        "exact": key("Model", "m"),
        "wide-1": key("Model", "m"),
        "wider-1": key("Model", "n"),
        "what": None,
    }


def test_bindings_by_model_and_the_providers_that_they_name() -> None:
    assert [binding.key.name for binding in FILES.bindings[key("Model", "m")]] == ["b", "c", "d", "e", "z"]
    assert {provider.name for provider in FILES.bound} == {"a", "off", "elsewhere", "first", "last"}


def test_what_is_not_here_counts_as_enabled() -> None:
    assert enabled(None)
    assert not enabled(FILES.get(key("Provider", "off")))
    assert FILES.get(key("Provider", "elsewhere")) is None


def test_parts_of_a_resource() -> None:
    binding = FILES.get(key("Binding", "b"))
    assert binding is not None
    assert named(binding, "model") == key("Model", "m")
    assert config_of(Resource(key("Provider", "p"), {"config": "odd"})) == {}
    assert texts(["a", 1, None]) == ["a"]
    assert texts("a") == []
