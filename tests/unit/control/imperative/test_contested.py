import pytest

from reconciler.control.apply import FieldConflicts
from reconciler.control.imperative.contested import contested, require_uncontested
from reconciler.control.plan.model import Action, Change
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

KEY = ResourceKey("Provider", "default", "p")
OWNED: JsonObject = {"f:spec": {"f:enabled": {}, "f:config": {"f:apiKey": {}}}}


def change(after: JsonObject | None, manager: str = "git:routing") -> Change:
    spec: JsonObject = {
        "type": "openai-compatible",
        "enabled": True,
        "priority": 1,
        "config": {"apiKey": {"sealed": "v-1"}},
    }
    entry = FieldManager(manager, "Apply", OWNED, "2026-01-01T00:00:00Z")
    stored = StoredResource(Resource(KEY, spec), "u", 1, 1, "t", 1, (entry,))
    resource = None if after is None else Resource(KEY, {**spec, **after})
    return Change(Action.UPDATE, KEY, stored, resource)


def test_what_a_source_declares_is_contested() -> None:
    (found,) = contested([change({"enabled": False, "config": {"apiKey": {"sealed": "v-2"}}})], "api:x")
    told = {field.field: (field.old, field.wanted, field.manager) for field in found.fields}
    assert told == {
        "spec.enabled": (True, False, "git:routing"),
        "spec.config.apiKey": ("(sealed)", "(sealed)", "git:routing"),
    }
    with pytest.raises(FieldConflicts, match="owned by git:routing") as raised:
        require_uncontested([change({"enabled": False})], "api:x", hint="ask them")
    assert raised.value.hint == "ask them"


def test_so_is_its_deletion() -> None:
    assert contested([change(None)], "api:x")


def test_what_nobody_declares_in_git_is_not() -> None:
    require_uncontested([change({"priority": 2})], "api:x", hint="")
    require_uncontested([change({"enabled": False})], "git:routing", hint="")
    require_uncontested([change({"enabled": False}, "cli:ada")], "api:x", hint="")
    require_uncontested([Change(Action.CREATE, KEY, None, Resource(KEY, {}))], "api:x", hint="")
