from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.repository import Repository

from reconciler.bootstrap.sync import SyncSettings
from reconciler.cli.commands import sync
from reconciler.cli.main import run
from reconciler.control.proposal import DeleteLimit, Guards


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[SyncSettings]:
    settings: list[SyncSettings] = []

    def record(given: SyncSettings) -> int:
        settings.append(given)
        return 0

    monkeypatch.setattr(sync, "run", record)
    return settings


def test_what_it_is_told_it_passes_on(ran: list[SyncSettings], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    arguments = ["--git", "git@host:x", "--branch", "b", "--prune", "--source", "acme", "--interval", "5s"]
    arguments += ["--max-deletes", "25%"]
    arguments += ["--admin-listen", "127.0.0.1:0", "--allow-host", "h.example"]
    arguments += ["--webhook-secret-file", str(tmp_path / "secret")]
    assert run(["--db", str(tmp_path / "s.db"), "sync", *arguments]) == 0
    (settings,) = ran
    assert (settings.admin_listen, settings.hosts, settings.once) == ("127.0.0.1:0", ("h.example",), False)
    branch = settings.following.branch
    assert (branch.name, branch.source, branch.interval_seconds) == ("b", "acme", 5.0)
    assert settings.following.prune
    assert settings.following.guards == Guards(DeleteLimit(percent=25))
    assert settings.following.hook_secret is not None


def test_an_overlay_may_be_followed(ran: list[SyncSettings], tmp_path: Path) -> None:
    assert run(["--db", str(tmp_path / "s.db"), "sync", "--git", "git@host:x", "-k", "prod/"]) == 0
    (settings,) = ran
    assert settings.following.branch.place == "git@host:x#main:prod/"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Missing option '--git'"),
        (["--git", "x", "--webhook-secret-file", "f"], 2, "needs --admin-listen HOST:PORT"),
        (["--git", "x", "--once", "--admin-listen", "127.0.0.1:0"], 2, "leave --admin-listen out"),
        (["--git", "--upload-pack=x"], 3, "begins with a dash"),
        (["--git", "x", "--branch=--x"], 3, "can't be the name of a branch"),
    ],
)
def test_wrong_usage_says_what_to_do(
    arguments: list[str],
    code: int,
    words: str,
    ran: list[SyncSettings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--db", str(tmp_path / "s.db"), "sync", *arguments]) == code
    assert words in capsys.readouterr().err
    assert ran == []


def test_once_ends_with_how_it_went(routerctl: Routerctl) -> None:
    repository = Repository(routerctl.folder / "repository")
    place = f"file://{repository.folder}"
    missing = routerctl("sync", "--git", repository.folder, "--once")
    assert missing.code == 3
    repository.commit("Add a model", {"m/a.yaml": manifest("Model", "m")})
    assert routerctl("sync", "--git", repository.folder, "--path", "m", "--once").code == 0
    shown = routerctl("history", "-o", "json").json()["items"][0]
    assert (shown["operation"], shown["manager"]) == ("sync", f"git:{repository.folder}")
    bad = repository.commit("Break it", {"m/a.yaml": manifest("Modell", "m")})
    assert routerctl("sync", "--git", repository.folder, "--path", "m", "--once").code == 3
    status = routerctl.ok("status").splitlines()
    assert f"  git      main of {place}, m: at {shown['commit'][:10]}, 1 commit behind {bad[:10]}" in status
    assert f"  error    commit {bad[:10]} (Break it) is not applied: 1 problem in the manifests" in status
    (source,) = [
        one for one in routerctl("status", "-o", "json").json()["sources"] if one["git"]["path"] == "m"
    ]
    assert (source["git"]["behind"], source["git"]["tip"], source["git"]["nextFetch"]) == (1, bad, None)
