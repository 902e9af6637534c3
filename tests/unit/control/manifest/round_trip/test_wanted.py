from collections.abc import Sequence

from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.manifest.round_trip.wanted import wanted_document
from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import (
    FieldManager,
    Resource,
    ResourceKey,
    StoredResource,
    finalizers_of,
)
from reconciler.resources.scheme import structure_of_kind, with_defaults

KEY = ResourceKey("Provider", "default", "p")
UPSTREAM: JsonObject = {"type": "lm-studio", "config": {"baseURL": "http://a", "timeout": "90s"}}


def stored(
    *shares: tuple[str, JsonObject], key: ResourceKey = KEY, sealed: JsonValue = None
) -> StoredResource:
    """shares: manager and the content that it declares."""
    merged: JsonObject = {}
    for _, content in shares:
        merged = _over(merged, content)
    managers: Sequence[FieldManager] = [
        FieldManager(manager, "Apply", to_fields_v1(field_set(content, structure_of_kind(key.kind))), "2026-01-01T00:00:00Z")
        for manager, content in shares
    ]  # fmt: skip
    metadata, spec = _object(merged.get("metadata")), _object(merged.get("spec"))
    labels, annotations = (
        {str(name): str(text) for name, text in _object(metadata.get(of)).items()}
        for of in ("labels", "annotations")
    )
    resource = Resource(key, with_defaults(key.kind, spec), labels, annotations, finalizers_of(metadata))
    return StoredResource(resource, "u", 1, 1, "2026-01-01T00:00:00Z", 1, tuple(managers), "here", "a.yaml")


def _over(one: JsonObject, other: JsonObject) -> JsonObject:
    inner = {
        name: _over(_object(one.get(name)), value) if isinstance(value, dict) else value
        for name, value in other.items()
    }
    return {**one, **inner}


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def written(spec: JsonObject | None = None, key: ResourceKey = KEY, **metadata: JsonValue) -> JsonObject:
    data: JsonObject = {
        "apiVersion": "routerctl.dev/v1",
        "kind": key.kind,
        "metadata": {"name": key.name, **metadata},
    }
    return data if spec is None else {**data, "spec": spec}


def wanted(data: JsonObject, of: StoredResource, source: str | None = None) -> JsonObject:
    return wanted_document(data, of, Literals(lambda _: None, None), source=source)


def test_what_agrees_is_as_it_is_written() -> None:
    data = written({"type": "lm-studio", "config": {"baseURL": "http://a", "timeout": 90_000}}, labels={})
    assert wanted(data, stored(("git:here", {"spec": UPSTREAM}))) == data


def test_a_field_changes_comes_or_goes() -> None:
    live = stored(
        ("git:here", {"metadata": {"labels": {"a": "1"}}, "spec": UPSTREAM}),
        ("cli:ada", {"spec": {"enabled": False}}),
    )
    data = written(
        {"type": "lm-studio", "config": {"baseURL": "http://b", "headers": {"x": "y"}}, "displayName": "P"}
    )
    assert wanted(data, live) == written({**UPSTREAM, "enabled": False}, labels={"a": "1"})


def test_a_field_that_says_what_is_so_anyway_stays() -> None:
    live = stored(("git:here", {"spec": UPSTREAM}))
    more: JsonObject = {
        **UPSTREAM,
        "priority": 0,
        "enabled": True,
        "config": {**_object(UPSTREAM["config"]), "connectTimeout": 5000},
    }
    assert wanted(written(more), live) == written(more)
    assert wanted(written({**more, "priority": 1}), live) == written(
        {name: more[name] for name in more if name != "priority"}
    )


def test_an_empty_map_goes_where_the_store_has_none() -> None:
    live = stored(("git:here", {"spec": UPSTREAM}))
    data = written({**UPSTREAM, "config": {**_object(UPSTREAM["config"]), "headers": {}}})
    assert wanted(data, live) == written(UPSTREAM)


def test_enabled_is_added_where_its_absence_would_mean_something_else() -> None:
    on = stored(("git:here", {"spec": UPSTREAM}), ("cli:ada", {"spec": {"enabled": True}}))
    assert _object(wanted(written(UPSTREAM), on)["spec"])["enabled"] is True
    assert "enabled" not in _object(
        wanted(written(UPSTREAM), stored(("git:here", {"spec": UPSTREAM})))["spec"]
    )


def test_the_namespace_is_written_as_before() -> None:
    key = ResourceKey("Model", "team", "m")
    live = stored(("git:here", {"spec": {}}), key=key)
    assert wanted(written({}, key), live) == written({}, key)
    assert wanted(written({}, key, namespace="team"), live) == written({}, key, namespace="team")


def test_a_spec_that_says_nothing_need_not_be_written() -> None:
    key = ResourceKey("Model", "default", "m")
    live = stored(("git:here", {"spec": {}}), key=key)
    assert wanted(written(None, key), live) == written(None, key)
    named = stored(("git:here", {"spec": {"displayName": "M"}}), key=key)
    assert wanted(written(None, key), named) == written({"displayName": "M"}, key)


def test_a_plain_secret_gives_way_to_what_the_store_has() -> None:
    config: JsonObject = {"baseURL": "http://a", "apiKey": {"valueFrom": {"env": "A_TOKEN"}}}
    live = stored(("git:here", {"spec": {"type": "lm-studio", "config": config}}))
    data = written({"type": "lm-studio", "config": {**config, "apiKey": "sk-1"}})
    assert wanted(data, live) == written({"type": "lm-studio", "config": config})


def test_what_another_source_declares_is_its_to_write() -> None:
    live = stored(
        ("git:here", {"metadata": {"labels": {"a": "1"}}, "spec": {"type": "lm-studio", "config": {"baseURL": "http://a"}}}),
        ("git:there", {"metadata": {"labels": {"b": "2"}, "annotations": {"c": "3"}}, "spec": {"enabled": False, "priority": 4}}),
        ("cli:ada", {"spec": {"displayName": "P"}}),
    )  # fmt: skip
    data = written({"type": "lm-studio", "config": {"baseURL": "http://b"}})
    mine = wanted(data, live, "here")
    assert mine == written(
        {"type": "lm-studio", "displayName": "P", "config": {"baseURL": "http://a"}}, labels={"a": "1"}
    )
    whole = wanted(data, live, "elsewhere")
    assert _object(whole["spec"])["priority"] == 4
    assert _object(whole["metadata"])["annotations"] == {"c": "3"}
    assert wanted(mine, live, "here") == mine


def test_finalizers_keep_their_order() -> None:
    held: JsonObject = {"metadata": {"finalizers": ["a", "b", "c"]}, "spec": {"type": "simulator"}}

    def metadata(*written: str) -> JsonValue:
        document: JsonObject = {"metadata": {"name": "p", "finalizers": [*written]}, "spec": {}}
        return wanted(document, stored(("git:here", held)))["metadata"]

    assert metadata("c", "a", "b") == {"name": "p", "finalizers": ["c", "a", "b"]}
    assert metadata("c", "gone", "a") == {"name": "p", "finalizers": ["c", "a", "b"]}
    assert metadata() == {"name": "p", "finalizers": ["a", "b", "c"]}
    none: JsonObject = {"spec": {"type": "simulator"}}
    document: JsonObject = {"metadata": {"name": "p", "finalizers": ["a"]}, "spec": {}}
    assert wanted(document, stored(("git:here", none)))["metadata"] == {"name": "p"}
    document = {"metadata": {"name": "p", "finalizers": []}, "spec": {}}
    assert wanted(document, stored(("git:here", none)))["metadata"] == {"name": "p", "finalizers": []}
