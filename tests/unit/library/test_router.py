from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.managed import Managed

from reconciler.errors import Conflict, InvalidInput, NotFound, RouterctlError
from reconciler.json_types import JsonObject
from reconciler.library.manifests import load
from reconciler.library.router import Router
from reconciler.library.servers import connect
from reconciler.library.stores import open_store
from reconciler.resources.resource import ResourceKey

SECRET = "sk-very-secret-1"
LOCAL: JsonObject = {"type": "lm-studio", "config": {"baseURL": "http://127.0.0.1:1234", "apiKey": SECRET}}
MANIFEST = """
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: a}
spec: {type: simulator, displayName: DISPLAY}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: m}
spec: {}
"""


@pytest.fixture(params=["here", "there"])
def either(request: pytest.FixtureRequest, managed: Managed) -> Iterator[Router]:
    """A store on this machine, and the same behind its management listener."""
    if request.param == "here":
        made = open_store(managed.routerctl.db)
    else:
        made = connect(managed.url, token_file=str(managed.token(managers=("git:one",))))
    with made:
        yield made


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Router]:
    with open_store(tmp_path / "s.db") as made:
        yield made


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "a.yaml").write_text(MANIFEST)
    return folder


def test_manifests_are_planned_applied_and_rolled_back(either: Router, files: Path) -> None:
    manifests = load(files, source="one")
    assert {key.name for key in manifests.resources} == {"a", "m"}
    plan = either.plan(manifests)
    assert plan
    assert {(change.action, change.key.name) for change in plan.changes} == {("create", "a"), ("create", "m")}
    first = either.apply(manifests, message="begin")
    assert (first.revision.number, first.revision.message) == (1, "begin")
    assert not either.plan(manifests)
    assert either.apply(manifests).revision.number == 1

    (files / "a.yaml").write_text(MANIFEST.replace("DISPLAY", "Another"))
    (change,) = either.plan(load(files, source="one")).changes
    assert [(each.name, each.old, each.new) for each in change.fields] == [
        ("spec.displayName", "DISPLAY", "Another")
    ]
    either.apply(load(files, source="one"))
    assert [each.number for each in either.history()] == [2, 1]
    assert either.history(1)[0].number == 2
    back = either.rollback(1, message="no")
    assert (back.revision.number, back.revision.message) == (3, "no")
    assert either.state() == {
        key: value for key, value in either.state().items() if value.spec.get("displayName") != "Another"
    }
    assert either.state(2)[ResourceKey("Provider", "default", "a")].spec["displayName"] == "Another"


def test_what_a_source_does_not_declare_any_more_is_pruned_where_that_is_asked_for(
    router: Router, files: Path
) -> None:
    router.apply(load(files, source="one"))
    (files / "a.yaml").write_text(MANIFEST.partition("---")[2])
    assert not router.plan(load(files, source="one"))
    assert [each.action for each in router.plan(load(files, source="one"), prune=True).changes] == ["delete"]
    router.apply(load(files, source="one"), prune=True)
    assert router.get("Provider", "a") is None


def test_single_resources_are_put_and_deleted(either: Router) -> None:
    made = either.put("Provider", "mine", LOCAL)
    assert made.plan.changes[0].action == "create"
    stored = either.get("Provider", "mine")
    assert stored is not None
    assert stored.revision == made.revision.number == 1
    assert SECRET not in repr(stored) + repr(made) + either.export()
    changed = either.put("Provider", "mine", {"type": "simulator"}, message="simpler")
    assert [each.action for each in changed.plan.changes] == ["update"]
    assert [each.key.name for each in either.list("Provider")] == ["mine"]
    assert either.list("Provider", "team-a") == []
    assert either.delete("Provider", "mine").plan.changes[0].action == "delete"
    with pytest.raises(NotFound):
        either.delete("Provider", "mine")
    assert either.state() == {}


def test_what_others_own_is_a_conflict(router: Router, files: Path) -> None:
    router.apply(load(files, source="one"))
    (files / "a.yaml").write_text(MANIFEST.replace("DISPLAY", "Theirs"))
    theirs = load(files, source="two")
    (conflict,) = router.plan(theirs).conflicts
    assert "Provider/a" in conflict
    with pytest.raises(Conflict):
        router.apply(theirs)
    assert router.apply(theirs, force=True).plan.changes[0].action == "update"


def test_what_is_exported_is_what_was_applied(router: Router, files: Path, tmp_path: Path) -> None:
    router.apply(load(files, source="one"))
    exported = tmp_path / "exported.yaml"
    exported.write_text(router.export())
    assert not router.plan(load(exported, source="one"))


def test_other_systems_files_are_taken_over(router: Router, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("DEFAULT_PROVIDER=lm-studio\nLM_STUDIO_BASE_URL=http://127.0.0.1:1234/v1\n")
    done = router.migrate(env, message="moved")
    assert done.found
    assert done.written.revision.message == "moved"
    assert router.list("Provider")
    assert not router.migrate(env).written.plan
    with pytest.raises(InvalidInput):
        router.migrate(tmp_path / "manifests.none")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with connect("http://127.0.0.1:9") as router, pytest.raises(RouterctlError, match="9"):
        router.state()
