from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import new
from reconciler.control.imperative.providing import put
from reconciler.control.imperative.saving import plan_saving
from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.reader import read_paths
from reconciler.control.manifest.round_trip.folder import Manifests
from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.control.plan.model import content_of
from reconciler.errors import InvalidInput, NotFound
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind

TEXT = """\
# The two that we have.
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: a} # first
spec: {contextWindow: 1}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: b}
spec: {}
"""
A, B, C = (ResourceKey("Model", "default", name) for name in "abc")


def stored(key: ResourceKey, spec: JsonObject) -> StoredResource:
    resource = Resource(key, spec)
    fields = to_fields_v1(field_set(content_of(resource), structure_of_kind(key.kind)))
    entry = FieldManager("cli:ada", "Update", fields, "2026-01-01T00:00:00Z")
    return StoredResource(resource, "u", 1, 1, "2026-01-01T00:00:00Z", 1, (entry,))


def planned(
    folder: Path, rewrites: Rewrites, *held: StoredResource, ignore_missing: bool = False
) -> Mapping[str, str | None]:
    """The text that each changed file is to have."""
    folder.mkdir(exist_ok=True)
    (folder / "all.yaml").write_text(TEXT, encoding="utf-8")
    reading = read_paths([str(folder)], None)
    manifests = Manifests(folder.resolve(), decode(reading.documents).declared, reading.files)
    state = {item.key: item for item in held}
    plan = plan_saving(manifests, rewrites, state, ignore_missing=ignore_missing)
    return {change.name: change.after.decode() if change.after else None for change in plan.changes}


def test_a_document_is_changed_where_it_stands(tmp_path: Path) -> None:
    found = planned(tmp_path, {A: put({("contextWindow",): 2})})
    assert found == {"all.yaml": TEXT.replace("contextWindow: 1", "contextWindow: 2")}
    assert planned(tmp_path, {A: put({("contextWindow",): 1})}) == {}


def test_it_is_taken_out(tmp_path: Path) -> None:
    assert planned(tmp_path, {B: None}) == {"all.yaml": TEXT.partition("---\n")[0]}
    assert planned(tmp_path, {A: None, B: None}) == {"all.yaml": None}


def test_what_just_the_store_holds_gets_a_file(tmp_path: Path) -> None:
    found = planned(tmp_path, {C: put({("displayName",): "C"})}, stored(C, {"contextWindow": 3}))
    assert list(found) == ["models/c.yaml"]
    assert (found["models/c.yaml"] or "").endswith("spec:\n  displayName: C\n  contextWindow: 3\n")
    assert planned(tmp_path, {C: None}, stored(C, {})) == {}


def test_what_is_made_gets_a_file(tmp_path: Path) -> None:
    assert list(planned(tmp_path, {C: new(C, {})})) == ["models/c.yaml"]


def test_what_nobody_holds(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Model/c is declared by no file below"):
        planned(tmp_path, {C: put({})})
    assert planned(tmp_path, {C: None}, ignore_missing=True) == {}


def test_what_is_no_object(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Model/a: what would be written is no object"):
        planned(tmp_path, {A: lambda _: "text"})
    with pytest.raises(InvalidInput, match="Model/c: what would be written is no object"):
        planned(tmp_path, {C: lambda _: "text"}, stored(C, {}))


def test_the_result_is_valid(tmp_path: Path) -> None:
    binding = ResourceKey("Binding", "default", "b")
    with pytest.raises(InvalidManifests, match=r"Provider/p, which does not exist"):
        planned(tmp_path, {binding: new(binding, {"model": "a", "provider": "p"})})
    provider = stored(ResourceKey("Provider", "default", "p"), {"type": "simulator"})
    made = planned(tmp_path, {binding: new(binding, {"model": "a", "provider": "p"})}, provider)
    assert list(made) == ["bindings/b.yaml"]
