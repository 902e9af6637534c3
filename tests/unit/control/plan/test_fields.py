from fakes.states import stored

from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Action, Change, FieldChange, content_of
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey
from reconciler.resources.scheme import structure_of_kind

KEY = ResourceKey("Provider", "default", "p")


def changed(
    before: JsonObject | None,
    after: JsonObject | None,
    *,
    declared: JsonObject | None = None,
    kind: str = "Provider",
) -> list[FieldChange]:
    key = KEY._replace(kind=kind)
    old = stored(Resource(key, before)) if before is not None else None
    new = Resource(key, after) if after is not None else None
    content = content_of(Resource(key, declared if declared is not None else after or {}))
    fields = to_fields_v1(field_set(content, structure_of_kind(kind)))
    managers = (FieldManager("git:acme", "Apply", fields, "t"),)
    return [*field_changes(Change(Action.UPDATE, key, old, new, managers))]


def test_a_changed_leaf_is_one_line() -> None:
    assert changed({"priority": 1, "type": "x"}, {"priority": 2, "type": "x"}) == [
        FieldChange("spec.priority", 1, 2)
    ]


def test_lists_are_shown_whole() -> None:
    assert changed({"aliases": ["a", "b"]}, {"aliases": ["a"]}, kind="Model") == [
        FieldChange("spec.aliases", ["a", "b"], ["a"])
    ]


def test_a_new_resource_shows_every_leaf() -> None:
    after: JsonObject = {"type": "simulator", "config": {"headers": {"x.y": "1"}, "latency": "1s"}}
    assert changed(None, after) == [
        FieldChange("spec.config.headers.x.y", None, "1"),
        FieldChange("spec.config.latency", None, "1s"),
        FieldChange("spec.type", None, "simulator"),
    ]
    assert [field.new for field in changed(after, None)] == [None, None, None]


def test_an_empty_map_that_comes_is_shown() -> None:
    assert changed({}, {"config": {"headers": {}}}) == [FieldChange("spec.config.headers", None, {})]


def test_equal_durations_are_no_change() -> None:
    assert changed({"config": {"timeout": "90s"}}, {"config": {"timeout": 90_000}}) == []
    assert changed({"config": {"timeout": "90s"}}, {"config": {"timeout": "91s"}}) == [
        FieldChange("spec.config.timeout", "90s", "91s")
    ]


def test_a_value_that_nobody_declares_is_a_default() -> None:
    before: JsonObject = {"config": {"timeout": "90s"}}
    (field,) = changed(before, {"config": {"timeout": "120s"}}, declared={"config": {}})
    assert field.default
    (gone,) = changed(before, {"config": {}}, declared={"config": {}})
    assert not gone.default


def test_a_secret_is_masked_and_a_reference_to_one_shown() -> None:
    env: JsonObject = {"valueFrom": {"env": "A_API_KEY"}}
    sealed: JsonObject = {"config": {"apiKey": {"sealed": "v-1"}}}
    assert changed(sealed, {"config": {"apiKey": env}}) == [
        FieldChange("spec.config.apiKey", "(sealed)", env, secret=True)
    ]
    assert changed(sealed, {"config": {"apiKey": {"sealed": "v-2"}}}) == [
        FieldChange("spec.config.apiKey", "(sealed)", "(sealed)", secret=True)
    ]
    assert changed({"config": {}}, {"config": {"apiKey": "sk-literal"}}) == [
        FieldChange("spec.config.apiKey", None, "(sealed)", secret=True)
    ]


def test_a_secret_has_the_fingerprint_of_its_new_value_where_it_is_known() -> None:
    old = stored(Resource(KEY, {"config": {"apiKey": {"sealed": "v-1"}}}))
    new = Resource(KEY, {"config": {"apiKey": {"sealed": "v-2"}}, "displayName": "d"})
    secret, name = field_changes(Change(Action.UPDATE, KEY, old, new), {"v-1": "11111111", "v-2": "22222222"})
    assert (secret.fingerprint, name.fingerprint) == ("22222222", None)
    (back, _) = field_changes(Change(Action.UPDATE, KEY, old, new), {"v-1": "11111111"})
    assert back.fingerprint is None


def test_finalizers_are_a_list_that_somebody_declares() -> None:
    key = KEY._replace(kind="Model")
    new = Resource(key, {}, finalizers=("a.b/c", "d"))
    fields = to_fields_v1(field_set(content_of(new), structure_of_kind("Model")))
    change = Change(Action.CREATE, key, None, new, (FieldManager("git:acme", "Apply", fields, "t"),))
    assert field_changes(change)[0] == FieldChange("metadata.finalizers", None, ["a.b/c", "d"])
    assert field_changes(Change(Action.DELETE, key, stored(new), None)) == ()
