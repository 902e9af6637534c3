from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.commands import serve
from reconciler.cli.main import run
from reconciler.cli.session import Session


def test_it_runs_the_supervisor_without_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[SupervisorSettings] = []

    def record(settings: SupervisorSettings) -> int:
        ran.append(settings)
        return 6

    monkeypatch.setattr(serve, "run", record)
    assert run(["--db", str(tmp_path / "s.db"), "serve", "--workers", "3"]) == 6
    (settings,) = ran
    assert (settings.paths, settings.watch, settings.workers) == ((), False, 3)


def test_its_help_has_an_example() -> None:
    told = CliRunner().invoke(serve.command, ["--help"], obj=Session({}))
    assert told.exit_code == 0
    assert "Example: routerctl serve" in told.output
