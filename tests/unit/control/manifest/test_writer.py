import json
from random import Random

from fakes.specs import documents
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.writer import document, export, in_usual_order, manifest
from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.control.plan.model import content_of
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind, with_defaults


def stored(declared: Resource) -> StoredResource:
    """As a revision keeps it: with defaults, and one manager of what was declared."""
    fields = to_fields_v1(field_set(content_of(declared), structure_of_kind(declared.key.kind)))
    manager = FieldManager("git:here", "Apply", fields, "2026-01-01T00:00:00Z")
    spec = with_defaults(declared.key.kind, declared.spec)
    whole = Resource(declared.key, spec, declared.labels, declared.annotations)
    return StoredResource(whole, "uid", 1, 1, "2026-01-01T00:00:00Z", 1, (manager,))


def declared_in(text: str) -> list[Resource]:
    reading = read_text(text, "a.yaml")
    assert reading.problems == (), text
    found = decode(reading.documents)
    assert [str(problem) for problem in found.problems] == [], text
    return [item.resource for item in found.declared]


def without_enabled(resource: Resource) -> Resource:
    """`enabled` is always written, declared or not."""
    spec = {name: value for name, value in resource.spec.items() if name != "enabled"}
    return Resource(resource.key, spec, resource.labels, resource.annotations)


@given(documents())
def test_what_is_exported_declares_what_was_declared(data: JsonObject) -> None:
    (declared,) = declared_in(to_yaml([data]))
    (again,) = declared_in(export([stored(declared)]))
    assert without_enabled(again) == without_enabled(declared)
    assert again.spec.get("enabled") == stored(declared).resource.spec.get("enabled")


@given(st.lists(documents(), max_size=4), st.randoms())
def test_the_same_resources_give_the_same_text(data: list[JsonObject], random: Random) -> None:
    held = {item.key: stored(item) for one in data for item in declared_in(to_yaml([one]))}
    shuffled = list(held.values())
    random.shuffle(shuffled)
    assert export(shuffled) == export(held.values())


def provider(spec: JsonObject, namespace: str = "default", **texts: dict[str, str]) -> Resource:
    return Resource(
        ResourceKey("Provider", namespace, "p"), spec, texts.get("labels", {}), texts.get("annotations", {})
    )


def test_a_manifest_is_in_the_order_in_which_people_write() -> None:
    spec: JsonObject = {
        "priority": 3,
        "config": {"timeout": "90s", "headers": {"x-b": "1", "x-a": "2"}, "baseURL": "http://a"},
        "description": "d",
        "type": "lm-studio",
        "displayName": "P",
    }
    resource = provider(spec, "team", labels={"b": "1", "a": "2"}, annotations={"note": "a\nb"})
    assert export([stored(resource)]) == (
        "apiVersion: routerctl.dev/v1\n"
        "kind: Provider\n"
        "metadata:\n"
        "  name: p\n"
        "  namespace: team\n"
        "  labels:\n"
        '    a: "2"\n'
        '    b: "1"\n'
        "  annotations:\n"
        "    note: |-\n"
        "      a\n"
        "      b\n"
        "spec:\n"
        "  type: lm-studio\n"
        "  displayName: P\n"
        "  description: d\n"
        "  enabled: true\n"
        "  priority: 3\n"
        "  config:\n"
        "    baseURL: http://a\n"
        "    headers:\n"
        '      x-a: "2"\n'
        '      x-b: "1"\n'
        "    timeout: 90s\n"
    )


def test_a_default_that_nobody_declared_is_not_written_but_enabled_is() -> None:
    declared = manifest(stored(provider({"type": "simulator", "config": {}})))
    assert declared["spec"] == {"type": "simulator", "enabled": True, "config": {}}
    assert declared["metadata"] == {"name": "p"}


def test_a_resource_that_nobody_manages_any_more_still_has_a_document() -> None:
    key = ResourceKey("Settings", "default", "default")
    orphan = StoredResource(Resource(key, {"defaultModel": "m"}), "uid", 1, 1, "2026-01-01T00:00:00Z", 1)
    assert manifest(orphan)["spec"] == {}


def test_referents_come_first() -> None:
    kinds = ["Settings", "Binding", "Model", "Provider", "Secret"]
    specs: dict[str, JsonObject] = {
        "Binding": {"model": "m", "provider": "p"},
        "Provider": {"type": "simulator", "config": {}},
        "Secret": {"data": {"K": {"sealed": "v-1"}}},
    }
    resources = [
        stored(Resource(ResourceKey(kind, namespace, "default"), specs.get(kind, {})))
        for kind in kinds
        for namespace in ("b", "a")
    ]
    exported = declared_in(export(resources))
    assert [(item.key.kind, item.key.namespace) for item in exported] == [
        (kind, namespace) for kind in reversed(kinds) for namespace in ("a", "b")
    ]


def test_an_unknown_field_of_an_older_version_comes_last() -> None:
    spec: JsonObject = {"zzz": 1, "defaultModel": "m", "aaa": 2}
    assert list(_spec(document(ResourceKey("Settings", "default", "default"), {}, spec))) == [
        "defaultModel",
        "aaa",
        "zzz",
    ]


def _spec(data: JsonObject) -> JsonObject:
    spec = data["spec"]
    assert isinstance(spec, dict)
    return spec


def test_nothing_gives_no_text() -> None:
    assert export([]) == ""


def test_a_document_is_put_in_the_order_in_which_people_write() -> None:
    key = ResourceKey("Model", "default", "m")
    written: JsonObject = {
        "kind": "Model",
        "apiVersion": "routerctl.dev/v1",
        "spec": {"contextWindow": 1, "displayName": "M"},
        "metadata": {"labels": {"b": "1", "a": "2"}, "name": "m"},
    }
    ordered = in_usual_order(key, written)
    assert ordered == written
    assert [*ordered] == ["apiVersion", "kind", "metadata", "spec"]
    assert json.dumps(ordered["spec"]) == '{"displayName": "M", "contextWindow": 1}'
    odd: JsonObject = {**written, "metadata": {"name": "m", "odd": 1}}
    assert in_usual_order(key, odd) is odd
