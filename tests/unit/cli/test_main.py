import logging
import sys
from pathlib import Path

import click
import pytest
from fakes.command import Routerctl

from reconciler.cli import main
from reconciler.cli.commands import version
from reconciler.cli.main import COMMANDS, CommandTable, cli


def broken(error: Exception) -> click.Command:
    @click.command()
    def command() -> None:
        values = {"sk-canary": 1}
        try:
            del values["sk-canary " + "it"]
        except KeyError:
            raise error from None

    return command


def test_a_bug_ends_with_70_and_a_report_without_values(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "command", broken(RuntimeError("sk-canary it")))
    done = routerctl("version")
    assert (done.code, done.out) == (70, "")
    start = "error: a bug in routerctl (RuntimeError); its report is in "
    assert done.err.startswith(start)
    report = Path(done.err.removeprefix(start).strip())
    assert report.is_relative_to(routerctl.folder / "home")
    text = report.read_text()
    assert ("RuntimeError\n" in text, "KeyError\n" in text, "test_main.py" in text) == (True, True, True)
    assert "sk-canary it" not in text
    assert "sk-canary" not in done.err


def test_a_report_that_can_not_be_written_is_no_second_bug(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "command", broken(RuntimeError()))
    (routerctl.folder / "home").write_text("no folder")
    done = routerctl("version")
    assert (done.code, "its report can't be written to" in done.err) == (70, True)
    assert "Traceback" not in done.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(version, "command", command)
    done = routerctl("version")
    assert (done.code, done.err.strip()) == (130, "interrupted")


def test_output_that_nobody_reads(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    monkeypatch.setattr(version, "command", broken(BrokenPipeError(32, "")))
    assert routerctl("version").code == 141


@pytest.mark.parametrize("words", [["zzz"], ["version", "--zzz"], ["--zzz"], ["version", "more"]])
def test_wrong_usage(routerctl: Routerctl, words: list[str]) -> None:
    done = routerctl(*words)
    assert (done.code, done.out) == (2, "")
    assert "Usage: routerctl" in done.err


def test_help_lists_every_command_without_loading_one(routerctl: Routerctl) -> None:
    out = routerctl.plain("--help").out
    assert [name for name in COMMANDS if f"\n  {name} " not in out] == []
    assert routerctl.plain("-h").out == out


def test_without_a_command_the_help_is_shown(routerctl: Routerctl) -> None:
    done = routerctl.plain()
    assert done.code == 2
    assert "Commands:" in done.out + done.err


def test_the_table_is_whole() -> None:
    table = CommandTable()
    context = click.Context(cli)
    assert table.list_commands(context) == list(COMMANDS)
    assert [name for name in COMMANDS if table.get_command(context, name) is None] == []
    assert table.get_command(context, "main") is None
    folder = Path(version.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


def test_more_is_logged_where_asked(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def configure(**told: object) -> None:
        asked.append(told["level"])

    monkeypatch.setattr(logging, "basicConfig", configure)
    for flags in ([], ["-v"], ["-vv"], ["-vvvv"]):
        routerctl(*flags, "version")
    assert asked == [logging.WARNING, logging.INFO, logging.DEBUG, logging.DEBUG]


def test_the_program_ends_with_the_code_of_its_command(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, code in ((["version"], 0), (["zzz"], 2)):
        monkeypatch.setattr(sys, "argv", ["routerctl", *arguments])
        with pytest.raises(SystemExit) as caught:
            main.main()
        assert caught.value.code == code
