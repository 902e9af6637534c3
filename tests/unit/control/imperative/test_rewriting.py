from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.states import TIME, stored

from reconciler.control.imperative.rewriting import Rewrite, rewritten
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.ownership.field_set import from_fields_v1, path_text
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.plan.model import Change
from reconciler.control.seal import Sealer
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import with_defaults
from reconciler.store.records import VaultEntry

KEY = ResourceKey("Provider", "default", "p")
GIT = FieldManager(
    "git:acme",
    "Apply",
    {
        "f:metadata": {"f:labels": {"f:team": {}}},
        "f:spec": {"f:type": {}, "f:enabled": {}, "f:config": {"f:text": {}}},
    },
    TIME,
)
PROVIDER = stored(
    Resource(
        KEY,
        with_defaults("Provider", {"type": "simulator", "enabled": True, "config": {"text": "hello"}}),
        {"team": "x"},
    ),
    GIT,
)


class NoVault:
    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return None

    def vault_fingerprints(self, places: object) -> Mapping[tuple[str, str], str]:
        return {}


def sealer() -> Sealer:
    return Sealer(NoVault(), None)


def patch(of: StoredResource, change: JsonObject, manager: str = "cli:ada") -> Change:
    return written(of, lambda whole: merge_patch(whole, change), manager)


def written(of: StoredResource, rewrite: Rewrite, manager: str = "cli:ada") -> Change:
    return rewritten(of, rewrite, sealer(), manager=manager, now="2026-02-02T00:00:00Z")


def owned(change: Change) -> dict[tuple[str, str], set[str]]:
    return {
        (entry.manager, entry.operation): {path_text(path) for path in from_fields_v1(entry.fields)}
        for entry in change.managed_fields
    }


def spec_of(change: Change) -> JsonObject:
    assert change.after is not None
    return change.after.spec


GITS = {".metadata.labels.team", ".spec.type", ".spec.enabled", ".spec.config.text"}


def test_who_changes_a_field_owns_it() -> None:
    change = patch(
        PROVIDER, {"spec": {"enabled": False, "priority": 3}, "metadata": {"labels": {"tier": "gold"}}}
    )
    assert owned(change) == {
        ("git:acme", "Apply"): GITS - {".spec.enabled"},
        ("cli:ada", "Update"): {".spec.enabled", ".spec.priority", ".metadata.labels.tier"},
    }
    assert (spec_of(change)["enabled"], spec_of(change)["priority"]) == (False, 3)
    assert change.after is not None
    assert change.after.labels == {"team": "x", "tier": "gold"}
    assert (change.source, change.path) == ("acme", "all.yaml")
    assert [entry.time for entry in change.managed_fields] == [TIME, "2026-02-02T00:00:00Z"]


def test_what_is_set_to_what_it_is_changes_nothing() -> None:
    change = patch(PROVIDER, {"spec": {"enabled": True, "priority": 0, "config": {"text": "hello"}}})
    assert change.after == PROVIDER.resource
    assert change.managed_fields == PROVIDER.managed_fields


def test_a_field_that_is_taken_away_is_nobodys() -> None:
    change = patch(PROVIDER, {"spec": {"config": {"text": None}}, "metadata": {"labels": None}})
    assert owned(change) == {("git:acme", "Apply"): {".spec.type", ".spec.enabled"}}
    assert change.after is not None
    assert change.after.labels == {}
    assert change.after.spec == with_defaults(
        "Provider", {"type": "simulator", "enabled": True, "config": {}}
    )


def test_a_default_comes_back_without_an_owner() -> None:
    higher = patch(PROVIDER, {"spec": {"priority": 3}})
    assert higher.after is not None
    after = replace(PROVIDER, resource=higher.after, managed_fields=higher.managed_fields)
    back = patch(after, {"spec": {"priority": None}})
    assert back.after == PROVIDER.resource
    assert back.managed_fields == PROVIDER.managed_fields


def test_a_default_of_an_earlier_release_stays() -> None:
    old = replace(
        PROVIDER, resource=replace(PROVIDER.resource, spec={**PROVIDER.resource.spec, "priority": 4})
    )
    assert spec_of(patch(old, {"spec": {"enabled": False}}))["priority"] == 4


def test_defaults_of_a_type_end_with_it() -> None:
    change = patch(
        PROVIDER,
        {"spec": {"type": "openai-compatible", "config": {"text": None, "baseURL": "https://a.example/v1"}}},
    )
    assert spec_of(change) == with_defaults(
        "Provider",
        {"type": "openai-compatible", "enabled": True, "config": {"baseURL": "https://a.example/v1"}},
    )
    assert owned(change)["cli:ada", "Update"] == {".spec.type", ".spec.config.baseURL"}


def test_another_writing_of_a_value_changes_nothing() -> None:
    slow = stored(
        Resource(KEY, with_defaults("Provider", {"type": "simulator", "config": {"latency": "2s"}})), GIT
    )
    assert patch(slow, {"spec": {"config": {"latency": 2000}}}).after == slow.resource


def test_an_object_that_nobody_manages_is_tracked_from_the_first_write_on() -> None:
    change = patch(replace(PROVIDER, managed_fields=()), {"spec": {"priority": 3}})
    mine = owned(change)["cli:ada", "Update"]
    assert GITS | {".spec.priority"} <= mine
    assert set(owned(change)) == {("cli:ada", "Update")}


def test_a_wrong_field_is_named_and_has_no_file() -> None:
    with pytest.raises(InvalidManifests) as error:
        patch(PROVIDER, {"spec": {"enbled": True, "priority": "high"}})
    assert str(error.value).splitlines() == [
        "error: Provider/p: spec.priority: expected an integer",
        'error: Provider/p: spec.enbled: unknown field "enbled"; did you mean "enabled"?',
    ]


def test_what_came_in_is_left_alone() -> None:
    before = str(PROVIDER)
    patch(PROVIDER, {"spec": {"enabled": False, "config": {"text": "other"}}})
    assert str(PROVIDER) == before
