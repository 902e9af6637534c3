import pytest

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.validate import GUARDS, Violation, violations
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.settings import SettingsSpec

SIMULATOR: JsonObject = {"type": "simulator", "config": {}}


def key(kind: str, name: str, namespace: str = "default") -> ResourceKey:
    return ResourceKey(kind, namespace, name)


def provider(name: str = "p", namespace: str = "default", **spec: str) -> Resource:
    return Resource(key("Provider", name, namespace), {**SIMULATOR, **spec})


def model(name: str = "m", *aliases: str, namespace: str = "default") -> Resource:
    return Resource(key("Model", name, namespace), {"aliases": [*aliases]} if aliases else {})


def binding(name: str = "b", model: str = "m", provider: str = "p", namespace: str = "default") -> Resource:
    return Resource(key("Binding", name, namespace), {"model": model, "provider": provider})


def settings(default_model: str | None = None, name: str = "default") -> Resource:
    return Resource(key("Settings", name), {"defaultModel": default_model} if default_model else {})


def secret(*keys: str, name: str = "s") -> Resource:
    return Resource(key("Secret", name), {"data": {entry: {"value": "x"} for entry in keys}})


def with_key(secret: str, entry: str) -> Resource:
    reference: JsonObject = {"valueFrom": {"secret": {"name": secret, "key": entry}}}
    spec: JsonObject = {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": reference}}
    return Resource(key("Provider", "p"), spec)


def broken(*resources: Resource) -> list[Violation]:
    return violations({resource.key: resource for resource in resources})


def messages(*resources: Resource) -> list[str]:
    return [
        f"{item.key}: {'.'.join(map(str, item.field))}: {item.message}; {item.hint}"
        for item in broken(*resources)
    ]


def test_a_whole_configuration_breaks_no_rule() -> None:
    assert messages(provider(), model("m", "gpt-4", "org/*"), binding(), settings("m"), secret("K")) == []
    assert messages() == []


def test_the_active_provider_is_there() -> None:
    active = Resource(key("Settings", "default"), {"activeProvider": "p"})
    assert messages(active, provider()) == []
    (message,) = messages(active)
    assert message.startswith(
        "Settings/default: spec.activeProvider: refers to Provider/p, which does not exist"
    )


def test_a_provider_has_one_default() -> None:
    def default(name: str, of: str, *, is_default: bool = True) -> Resource:
        spec: JsonObject = {"model": of, "provider": "p", "default": is_default}
        return Resource(key("Binding", name), spec)

    models = [model("m"), model("n")]
    assert messages(provider(), *models, default("a", "m"), default("b", "n", is_default=False)) == []
    (message,) = messages(provider(), *models, default("a", "m"), default("b", "n"))
    assert message.startswith(
        "Binding/b: spec.default: is the default of Provider/p, as Binding/a is; a Provider"
    )


def test_a_binding_needs_its_model_and_its_provider() -> None:
    assert messages(binding()) == [
        "Binding/b: spec.model: refers to Model/m, which does not exist; declare it, or correct the name",
        "Binding/b: spec.provider: refers to Provider/p, which does not exist; declare it, or correct the name",
    ]
    assert [item.dangling for item in broken(binding())] == [key("Model", "m"), key("Provider", "p")]


def test_a_reference_stays_in_its_namespace() -> None:
    assert messages(provider(), model(), binding(namespace="other")) == [
        "Binding/other/b: spec.model: refers to Model/other/m, which does not exist; declare it, or correct the name",
        "Binding/other/b: spec.provider: refers to Provider/other/p, which does not exist; declare it, or correct the name",
    ]


def test_a_provider_needs_the_secret_that_it_names_and_its_key() -> None:
    assert messages(with_key("s", "K")) == [
        "Provider/p: spec.config.apiKey: refers to Secret/s, which does not exist; declare it, or correct the name"
    ]
    assert messages(with_key("s", "K"), secret("OTHER")) == [
        (
            'Provider/p: spec.config.apiKey: refers to key "K" of Secret/s, which has no such key; '
            "add the key to its data, or correct the name"
        )
    ]
    assert messages(with_key("s", "K"), secret("K")) == []


def test_settings_are_named_default() -> None:
    assert messages(settings(name="other")) == [
        'Settings/other: metadata.name: Settings are always named "default"; write name: default'
    ]


def test_guards_are_of_the_namespace_default() -> None:
    spec: JsonObject = {field: {} for field in GUARDS}
    assert messages(Resource(key("Settings", "default"), spec)) == []
    assert messages(Resource(key("Settings", "default", "team-a"), spec)) == [
        f"Settings/team-a/default: spec.{field}: counts for the whole gateway, so only the Settings of the namespace"
        " default may say it; write it there, or leave it out"
        for field in GUARDS
    ]
    assert set(GUARDS) <= set(SettingsSpec.model_fields)


@pytest.mark.parametrize("asked", ["m", "gpt-4", "org/anything", "org/"])
def test_the_default_model_is_a_name_an_alias_or_what_a_star_takes(asked: str) -> None:
    assert messages(model("m", "gpt-4", "org/*"), settings(asked)) == []


@pytest.mark.parametrize("asked", ["other", "org", "gpt-4o"])
def test_a_default_model_that_nothing_answers_to(asked: str) -> None:
    found = broken(model("m", "gpt-4", "org/*"), settings(asked))
    assert [(item.message, item.dangling) for item in found] == [
        ("names no Model and no alias", key("Model", asked))
    ]


def test_a_model_of_another_namespace_is_no_default_model() -> None:
    assert len(messages(model("m", "org/*", namespace="other"), settings("m"))) == 1
    assert len(messages(model("m", "org/*", namespace="other"), settings("org/x"))) == 1


def test_a_name_that_clients_ask_for_belongs_to_one_model() -> None:
    hint = "a name that clients ask for belongs to one Model"
    assert messages(model("a", "x"), model("b", "x")) == [
        f'Model/b: spec.aliases: alias "x" is already a name of Model/a; {hint}'
    ]
    assert messages(model("a"), model("b", "a")) == [
        f'Model/b: spec.aliases: alias "a" is already a name of Model/a; {hint}'
    ]
    assert messages(model("a", "b"), model("b")) == [
        f'Model/a: spec.aliases: alias "b" is already a name of Model/b; {hint}'
    ]
    assert messages(model("a", "a")) == [
        f'Model/a: spec.aliases: alias "a" is already a name of this Model itself; {hint}'
    ]
    assert messages(model("a", "x", "x")) == [
        f'Model/a: spec.aliases: alias "x" is already a name of this Model itself; {hint}'
    ]


def test_a_star_and_a_name_that_it_covers_stand_beside_each_other() -> None:
    assert messages(model("a", "gpt-*"), model("b", "gpt-4"), model("c", "*")) == []
    assert len(messages(model("a", "gpt-*"), model("b", "gpt-*"))) == 1


def test_names_are_claimed_once_a_namespace() -> None:
    assert messages(model("a", "x"), model("b", "x", namespace="other")) == []


def test_one_binding_binds_a_pair() -> None:
    found = broken(provider(), model(), binding("b1"), binding("b2"))
    assert [(item.key, item.message, item.other) for item in found] == [
        (key("Binding", "b2"), "binds the same model and provider as Binding/b1", key("Binding", "b1"))
    ]
    pairs = [binding("b1"), binding("b2", provider="q"), binding("b3", model="n")]
    assert messages(provider(), provider("q"), model(), model("n"), *pairs) == []


def test_names_differ_in_more_than_case() -> None:
    assert messages(provider("Open"), provider("open"), model("open")) == [
        "Provider/open: metadata.name: differs from Provider/Open only in case; give one of them another name"
    ]
    assert messages(provider("Open"), provider("open", "other")) == []


def test_a_display_name_of_a_provider_is_unique_in_its_namespace() -> None:
    assert messages(provider("a", displayName="A"), provider("b", displayName="A")) == [
        (
            "Provider/b: spec.displayName: is also the displayName of Provider/a; "
            "a Provider's displayName is unique in its namespace"
        )
    ]
    assert messages(provider("a", displayName="A"), provider("b", "other", displayName="A")) == []
    assert messages(provider("a"), provider("b")) == []


def test_all_broken_rules_are_told_in_one_order() -> None:
    resources = [settings("x", name="other"), binding(), model("a", "a"), provider("c"), provider("C")]
    found = broken(*resources)
    assert found == broken(*reversed(resources))
    assert len({item.message for item in found}) == 6


def client_key(name: str, *ids: str, namespace: str = "default") -> Resource:
    return Resource(ResourceKey("ClientKey", namespace, name), {"keys": [{"id": id_} for id_ in ids]})


def test_a_key_belongs_to_one_client_in_all_namespaces() -> None:
    (found,) = broken(client_key("a", "one", "two"), client_key("b", "two", namespace="team-a"))
    assert (found.key.name, found.field) == ("b", ("spec", "keys", 0, "id"))
    assert found.message == "is also the id of a key of ClientKey/a"
    assert broken(client_key("a", "one"), client_key("b", "two"), client_key("c")) == []


def test_pages_of_all_origins_need_keys() -> None:
    pages: JsonObject = {"cors": {"origins": ["*"]}}
    keys: JsonObject = {"auth": {"dataPlane": "keys"}}
    assert messages(Resource(key("Settings", "default"), {**pages, **keys})) == []
    assert messages(Resource(key("Settings", "default"), {"cors": {"origins": ["https://a.example"]}})) == []
    (told,) = messages(Resource(key("Settings", "default"), pages))
    assert told.startswith("Settings/default: spec.cors.origins: lets the pages of all origins in")


def test_a_target_with_a_fault_shifts_none_of_those_behind_it() -> None:
    text = "apiVersion: routerctl.dev/v1\nkind: Route\nmetadata: {name: r}\nspec: {targets: [{}, {model: nosuch}]}\n"
    (route,) = decode(read_text(text, "a.yaml").documents).partial
    (found,) = violations({route.key: route.resource})
    assert found.field == ("spec", "targets", 1, "model")
