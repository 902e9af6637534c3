import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.foreign_config import API_KEY, provider_router
from fakes.importing import DATA

from reconciler.cli.main import run

KEY = "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"


@pytest.fixture
def app(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the provider-router as its users have it, and they stand in it."""
    folder = routerctl.folder / "app"
    (folder / "backend" / "provider-router" / "data").mkdir(parents=True)
    (folder / "backend" / "qwen-proxy").mkdir()
    text = (DATA / "router.env").read_text().replace("USE_LEGACY_CONFIG=true\n", "")
    (folder / "backend" / "provider-router" / ".env").write_text(text)
    (folder / "backend" / "qwen-proxy" / ".env").write_text((DATA / "qwen-proxy.env").read_text())
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder / "home"))
    return folder


def backup_in(told: str) -> Path:
    return Path(told.rpartition("--rollback ")[2].strip())


def test_a_folder_becomes_manifests_and_again_without_harm(routerctl: Routerctl, app: Path) -> None:
    told = routerctl.ok("migrate", "--dry-run")
    assert "Dry run: nothing was changed." in told
    assert not (app / "manifests").exists()
    told = routerctl.ok("migrate")
    for words in (
        "backend/provider-router/.env: environment file of the provider-router",
        "lm-studio-default: lm-studio, http://192.168.7.20:1234/v1",
        "qwen3-max at lm-studio-default (its default)",
        "active provider lm-studio-default",
        "there is none yet",
        "Not carried over of backend/provider-router/.env",
        "MODEL_MAPPINGS was never read",
        "Verified",
        "QWEN_API_KEY of backend/provider-router/.env",
        "Migration complete.",
        "Set these variables where routerctl serves",
        "up -f manifests",
    ):
        assert words in told
    assert KEY not in told
    routerctl.ok("validate", "--closed", "-f", app / "manifests")
    again = routerctl.ok("migrate")
    assert "nothing: all is as it was" in again
    assert "Backup" not in again
    assert " same." in routerctl.ok("migrate", "--verify")
    assert not routerctl.db.exists()


def test_a_rollback_takes_manifests_back_as_they_were(routerctl: Routerctl, app: Path) -> None:
    routerctl.ok("migrate", "--out", "m")
    first = {path.name: path.read_bytes() for path in (app / "m").rglob("*") if path.is_file()}
    changed = app / "m" / "models" / "qwen3-max.yaml"
    changed.write_text(changed.read_text() + "# by hand\n")
    assert routerctl("migrate", "--out", "m").code == 4
    told = routerctl.ok("migrate", "--out", "m", "--rename", "lm-studio-default=desk", "--force")
    assert "desk.yaml created" in told
    assert "# by hand" not in changed.read_text()
    assert routerctl("migrate", "--rollback").code == 2
    assert "as before" in routerctl.ok("migrate", "--rollback", backup_in(told), "--yes")
    assert "# by hand" in changed.read_text()
    assert {path.name for path in (app / "m").rglob("*") if path.is_file()} == set(first)
    assert "changed since" in routerctl.ok("migrate", "--rollback", backup_in(told), "--yes")


def test_a_database_goes_into_the_store_and_back_out(routerctl: Routerctl, app: Path) -> None:
    data = app / "backend" / "provider-router" / "data" / "provider-router.db"
    provider_router(data)
    before = data.read_bytes()
    told = routerctl.ok("migrate", "--apply", "--rename", "lm-studio-default=desk")
    assert "Revision 1" in told
    assert "QWEN_DIRECT_DEFAULT_API_KEY" not in told
    assert "desk" in routerctl.ok("get", "providers")
    assert " same." in routerctl.ok("migrate", "--apply", "--verify", "--rename", "lm-studio-default=desk")
    assert "No changes" in routerctl.ok("migrate", "--apply", "--rename", "lm-studio-default=desk")
    assert data.read_bytes() == before
    assert "Revision 2 is what revision 0 was" in routerctl.ok("migrate", "--rollback", "--yes")
    assert "No resources" in routerctl("get", "all").err
    for path in (each for each in routerctl.db.parent.rglob("*") if each.is_file()):
        assert API_KEY.encode() not in path.read_bytes()


def test_another_history_is_restored_from_the_copy(routerctl: Routerctl, app: Path) -> None:
    routerctl.apply(manifest("Model", "m"))
    told = routerctl.ok("migrate", app / "backend" / "provider-router", "--apply", "-m", "why")
    assert "why" in routerctl.ok("history")
    for path in routerctl.db.parent.glob("routerctl.db*"):
        path.unlink()
    assert routerctl("migrate", "--rollback", "--yes").code == 3
    copy = Path(told.partition("Backup:\n  ")[2].splitlines()[0][2:])
    assert "Restored revision 1" in routerctl.ok("migrate", "--rollback", copy, "--yes")
    assert "Model/m" in routerctl.ok("get", "models", "-o", "name").replace("model/", "Model/")
    done = routerctl("migrate", "--rollback", copy, "--yes", "-o", "json").json()
    assert done["revision"] == 1
    assert routerctl("migrate", "--rollback", app, "--yes").code == 3


def test_what_was_migrated_last_is_taken_back(routerctl: Routerctl, app: Path) -> None:
    """Into the store, or into manifests; what came since is counted."""
    none = routerctl("migrate", "--rollback", "--yes")
    assert (none.code, "nothing was migrated" in none.err) == (3, True)
    routerctl.apply(manifest("Model", "m"))
    routerctl.ok("migrate", "--apply", "-m", "why")
    for name in ("since", "later"):
        routerctl.apply(manifest("Model", name))
    asked = routerctl("migrate", "--rollback")
    assert "what revision 2 imported, and the 2 revisions since? Then all is as in revision 1" in asked.err
    assert asked.code == 2
    told = routerctl.ok("migrate", "--out", app / "m")
    newer = backup_in(told).rename(backup_in(told).with_name("migrate-99990101-000000"))
    assert f"what was migrated, to {newer}" in routerctl("migrate", "--rollback").err
    assert "as before" in routerctl.ok("migrate", "--rollback", "--yes")
    newer.rename(newer.with_name("migrate-19700101-000000"))
    assert "Revision 5 is what revision 1 was" in routerctl.ok("migrate", "--rollback", "--yes")
    assert "Nothing to take back" in routerctl.ok("migrate", "--rollback", "--yes")


def test_a_field_of_somebody_else_is_taken_by_force_alone(routerctl: Routerctl, app: Path) -> None:
    source = app / "backend" / "provider-router" / ".env"
    routerctl.ok("migrate", source, "--out", routerctl.manifests)
    file = routerctl.manifests / "providers" / "lm-studio-default.yaml"
    file.write_text(file.read_text().replace("priority: 10", "priority: 11"))
    routerctl.ok("apply", "-f", routerctl.manifests)
    for line in (("migrate", source, "--apply"), ("import", source, "--apply", "--dry-run")):
        refused = routerctl(*line)
        assert (refused.code, "take it over by migrate --apply --force" in refused.err) == (4, True)
    assert "Revision 2" in routerctl.ok("migrate", source, "--apply", "--force")


def test_a_program_reads_the_same(routerctl: Routerctl, app: Path) -> None:
    done = routerctl("migrate", "-o", "json")
    data = done.json()
    assert data["verified"]["different"] == 0
    assert data["verified"]["points"] > 10
    assert Path(data["backup"]).is_dir()
    assert {each["variable"] for each in data["secrets"]} >= {"QWEN_API_KEY"}
    assert KEY not in done.out
    assert json.loads((Path(data["backup"]) / "backup.json").read_text())["files"]


def test_what_is_found_is_what_there_is(routerctl: Routerctl, app: Path) -> None:
    empty = app / "empty"
    empty.mkdir()
    (empty / "broken.yaml").write_text("a: [\n")
    done = routerctl("migrate", empty)
    assert done.code == 3
    assert "broken.yaml:2" in done.err
    (empty / ".env").write_text("LM_STUDIO_BASE_URL=http://x\n")
    assert "! " in routerctl.ok("migrate", empty, "--dry-run")
    (app / "home" / ".oxide").mkdir(parents=True)
    (app / "home" / ".oxide" / "default.yaml").write_text(
        "services: {a: {type: http, base_url: 'http://x'}}\n"
    )
    assert "Oxide's YAML" in routerctl.ok("migrate", "--dry-run")


@pytest.mark.parametrize(
    "options", [("--apply", "--seal"), ("--apply", "--out", "x"), ("--verify", "--seal")]
)
def test_what_contradicts_itself_is_refused(routerctl: Routerctl, options: tuple[str, ...]) -> None:
    assert routerctl("migrate", *options).code == 2


def test_a_result_that_was_changed_is_told(routerctl: Routerctl, app: Path) -> None:
    routerctl.ok("migrate")
    (app / "manifests" / "settings" / "default.yaml").unlink()
    assert routerctl("migrate", "--verify").code == 1


def test_the_file_counts_where_it_counted(routerctl: Routerctl, app: Path) -> None:
    folder = app / "backend" / "provider-router"
    provider_router(folder / "data" / "provider-router.db")
    (folder / ".env").write_text("LM_STUDIO_BASE_URL=http://file/v1\nUSE_LEGACY_CONFIG=true\n")
    told = routerctl.ok("migrate", folder, "--dry-run")
    assert "lm-studio-default: lm-studio, http://file/v1" in told
    assert (
        "provider_configs[lm-studio-default].baseURL: Provider/lm-studio-default is that of another" in told
    )


def test_without_a_server_that_answers_nothing_is_told(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--server", "http://127.0.0.1:9", "migrate", str(app), "--apply"]) == 6
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing answers" in told.err
