from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.reader import read_paths
from reconciler.control.manifest.round_trip.folder import FolderPlan, Manifests, plan_folder
from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.ownership.field_set import field_set, to_fields_v1
from reconciler.control.plan.model import content_of
from reconciler.errors import Conflict, Refused
from reconciler.json_types import JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind

HEAD = "apiVersion: routerctl.dev/v1\nkind: Model\n"


def key(name: str) -> ResourceKey:
    return ResourceKey("Model", "default", name)


def text(name: str, window: int = 1) -> str:
    return f"{HEAD}metadata: {{name: {name}}} # c\nspec: {{contextWindow: {window}}}\n"


def stored(name: str, window: int = 1, path: str | None = None) -> StoredResource:
    spec: dict[str, JsonValue] = {"contextWindow": window}
    resource = Resource(key(name), spec)
    fields = to_fields_v1(field_set(content_of(resource), structure_of_kind("Model")))
    manager = FieldManager("git:here", "Apply", fields, "2026-01-01T00:00:00Z")
    return StoredResource(resource, "u", 1, 1, "2026-01-01T00:00:00Z", 1, (manager,), "here", path)


def recorded(item: StoredResource) -> PurePosixPath | None:
    return PurePosixPath(item.path) if item.path is not None else None


def manifests(folder: Path) -> Manifests:
    reading = read_paths([str(folder)], None)
    decoding = decode(reading.documents)
    assert [*reading.problems, *decoding.problems] == []
    return Manifests(folder.resolve(), decoding.declared, reading.files, recorded=recorded)


def plan(
    folder: Path,
    *live: StoredResource,
    prune: bool = False,
    selects: Callable[[ResourceKey], bool] = lambda _: True,
) -> FolderPlan:
    state = {item.key: item for item in live}
    return plan_folder(manifests(folder), state, selects, Literals(lambda _: None, None), prune=prune)


def changes(found: FolderPlan) -> dict[str, str | None]:
    return {
        change.name: change.after.decode() if change.after is not None else None for change in found.changes
    }


def test_only_files_that_differ_are_touched(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("a") + "---\n" + text("b"))
    (tmp_path / "c.yaml").write_text(text("c"))
    found = plan(tmp_path, stored("a"), stored("b", 2), stored("c"))
    assert changes(found) == {"a.yaml": text("a") + "---\n" + text("b", 2)}
    assert found.changes[0].written == (key("b"),)
    assert found.changes[0].done == "updated"
    assert found.unchanged == ("c.yaml",)
    assert plan(tmp_path, stored("a"), stored("b"), stored("c")).changes == ()


def test_what_is_gone_is_listed_or_removed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("a") + "---\n" + text("b"))
    (tmp_path / "c.yaml").write_text("# all of it\n\n" + text("c"))
    found = plan(tmp_path, stored("a"))
    assert found.changes == ()
    assert found.gone == ((key("b"), "a.yaml"), (key("c"), "c.yaml"))
    found = plan(tmp_path, stored("a"), prune=True)
    assert changes(found) == {"a.yaml": text("a"), "c.yaml": None}
    assert [change.done for change in found.changes] == ["updated", "removed"]
    assert (found.gone, found.unchanged) == ((), ())
    assert (tmp_path / "c.yaml").exists()


def test_a_prune_from_another_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("a"))
    with pytest.raises(Refused, match="holds nothing of what"):
        plan(tmp_path, stored("z"), prune=True)
    assert changes(plan(tmp_path, stored("a"), prune=True)) == {}


def test_what_is_not_selected_stays(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("a") + "---\n" + text("b"))
    found = plan(tmp_path, stored("a", 2), stored("n"), prune=True, selects=lambda key: key.name == "a")
    assert changes(found) == {"a.yaml": text("a", 2) + "---\n" + text("b")}
    assert found.gone == ()


def test_what_has_no_file_gets_one(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "A.yaml").write_text(text("other"))
    found = plan(tmp_path, stored("other"), stored("a"), stored("b"))
    assert list(changes(found)) == ["models/a-model.yaml", "models/b.yaml"]
    assert {change.done for change in found.changes} == {"created"}
    assert changes(plan(tmp_path / "models", stored("a"), stored("other"))).keys() == {"models/a.yaml"}


def test_what_had_a_file_gets_it_back(tmp_path: Path) -> None:
    (tmp_path / "there.yaml").write_text(text("other"))
    found = plan(
        tmp_path,
        stored("other"),
        stored("a", path="x/all.yaml"),
        stored("b", path="x/all.yaml"),
        stored("c", path="there.yaml"),
        stored("d", path="x/d.json"),
        stored("e", path="x/d.json"),
        stored("f", path="x/.hidden/f.yaml"),
    )
    made = changes(found)
    assert list(made) == ["c.yaml", "models/f.yaml", "x/all.yaml", "x/d.json", "x/e.yaml"]
    assert (made["x/all.yaml"] or "").count("---\n") == 1
    assert (made["x/d.json"] or "").startswith('{\n  "apiVersion"')


def test_a_symlink_inside_is_written_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.yaml").write_text(text("a"))
    (tmp_path / "a.yaml").symlink_to("real/x.yaml")
    found = plan(tmp_path, stored("a", 2))
    assert changes(found) == {"real/x.yaml": text("a", 2)}
    assert found.unchanged == ()


def test_a_file_that_changes_meanwhile_is_a_conflict(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text("a"))
    read = manifests(tmp_path)
    file.write_text(text("a", 5))
    with pytest.raises(Conflict, match="changed while it was read"):
        plan_folder(read, {key("a"): stored("a", 2)}, lambda _: True, Literals(lambda _: None, None))


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    empty = Manifests(tmp_path / "no", (), ())
    found = plan_folder(empty, {key("a"): stored("a")}, lambda _: True, Literals(lambda _: None, None))
    assert list(changes(found)) == ["models/a.yaml"]
