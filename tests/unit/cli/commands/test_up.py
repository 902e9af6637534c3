from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.command import Routerctl, manifest

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.commands import up
from reconciler.cli.main import run
from reconciler.cli.session import Session
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.proposal import DeleteLimit, Guards


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[SupervisorSettings]:
    settings: list[SupervisorSettings] = []

    def record(given: SupervisorSettings) -> int:
        settings.append(given)
        return 0

    monkeypatch.setattr(up, "run", record)
    return settings


def test_it_reads_the_folder_manifests_once_unless_told_otherwise(
    ran: list[SupervisorSettings], tmp_path: Path
) -> None:
    assert run(["--db", str(tmp_path / "s.db"), "up"]) == 0
    (settings,) = ran
    assert (settings.paths, settings.watch, settings.prune) == (("manifests",), False, False)
    assert settings.source is None
    assert settings.resync_seconds == 30


def test_what_it_is_told_it_passes_on(ran: list[SupervisorSettings], tmp_path: Path) -> None:
    arguments = ["-f", "a", "-f", "b", "--watch", "--prune", "--source", "acme", "--resync", "200ms"]
    arguments += ["--max-deletes", "3"]
    assert run(["--db", str(tmp_path / "s.db"), "up", *arguments, "--listen", "127.0.0.1:0"]) == 0
    (settings,) = ran
    assert (settings.paths, settings.watch, settings.prune) == (("a", "b"), True, True)
    assert (settings.source, settings.resync_seconds) == ("acme", 0.2)
    assert settings.listen == "127.0.0.1:0"
    assert settings.guards == Guards(DeleteLimit(3))


def test_a_branch_is_followed_instead_of_a_folder(ran: list[SupervisorSettings], tmp_path: Path) -> None:
    arguments = [
        "--git",
        "git@host:x",
        "--branch",
        "b",
        "--path",
        "m",
        "--prune",
        "--workers",
        "2",
        "--allow-empty",
    ]
    assert run(["--db", str(tmp_path / "s.db"), "up", *arguments]) == 0
    (settings,) = ran
    assert (settings.paths, settings.watch, settings.workers) == ((), False, 2)
    assert settings.following is not None
    assert settings.following.prune
    assert settings.following.guards.allow_empty
    assert settings.following.branch.place == "git@host:x#b:m"


def test_an_overlay_is_one_of_the_machine_or_of_the_branch(
    ran: list[SupervisorSettings], tmp_path: Path
) -> None:
    for arguments in (["-k", "prod", "--watch"], ["--git", "git@host:x", "-k", "prod"]):
        assert run(["--db", str(tmp_path / "s.db"), "up", *arguments]) == 0
    local, followed = ran
    assert local.paths == ("prod",)
    assert isinstance(local.paths[0], Overlay)
    assert (followed.paths, followed.following is not None and followed.following.branch.place) == (
        (), "git@host:x#main:prod/"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-f", "-"], "for stdin use apply -f - and serve"),
        (["--resync", "5s"], "--resync needs --watch"),
        (["--watch", "--resync", "soon"], "write 30s"),
        (["--watch", "--resync", "0"], "zero means nothing here"),
        (["--grace", "-1s"], "write 30s"),
        (["--listen", "foo"], '"foo" is not HOST:PORT; write 127.0.0.1:8484'),
        (["--admin-listen", "1.2.3.4:99999"], "is not HOST:PORT"),
        (["--workers", "0"], "0 is not in the range"),
        (["--git", "/x", "--watch"], "--git follows a branch"),
        (["--git", "/x", "-f", "m"], "--git follows a branch"),
        (["--git", "/x", "--resync", "5s"], "--git follows a branch"),
        (["--git", "/x", "--path", "m", "-k", "o"], "give --path or -k, not both"),
        (["--branch", "b", "--no-self-heal"], "--branch, --no-self-heal needs --git URL|PATH"),
    ],
)
def test_wrong_usage_says_what_to_do(
    arguments: list[str],
    words: str,
    ran: list[SupervisorSettings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--db", str(tmp_path / "s.db"), "up", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert ran == []


def test_its_help_has_an_example() -> None:
    told = CliRunner().invoke(up.command, ["--help"], obj=Session({}))
    assert told.exit_code == 0
    assert "Example: routerctl up -f manifests/ --watch" in told.output


def test_legacy_mode_serves_its_file_alone(routerctl: Routerctl) -> None:
    file = routerctl.folder / ".env"
    for flag in ("-f", "--git"):
        assert routerctl("up", "--legacy", file, flag, "x").code == 2
    assert "no .env" in routerctl("up", "--legacy", routerctl.folder).err
    routerctl.apply(manifest("Model", "m"))
    assert routerctl("up", "--legacy", file).code == 4
