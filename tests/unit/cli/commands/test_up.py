from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.commands import up
from reconciler.cli.main import run
from reconciler.cli.session import Session


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
    assert run(["--db", str(tmp_path / "s.db"), "up", *arguments, "--listen", "127.0.0.1:0"]) == 0
    (settings,) = ran
    assert (settings.paths, settings.watch, settings.prune) == (("a", "b"), True, True)
    assert (settings.source, settings.resync_seconds) == ("acme", 0.2)
    assert settings.listen == "127.0.0.1:0"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-f", "-"], "for stdin use apply -f - and serve"),
        (["--resync", "5s"], "--resync needs --watch"),
        (["--watch", "--resync", "5"], "write 30s"),
        (["--workers", "0"], "0 is not in the range"),
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
