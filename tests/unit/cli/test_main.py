import errno
import gc
import json
import logging
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from fakes.command import Routerctl
from fakes.context import root_context

from reconciler.cli import main
from reconciler.cli.commands import version
from reconciler.cli.main import COMMANDS, CommandTable
from reconciler.cli.parts import ListWithParts


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


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["aply"], "'apply'"), (["get", "--selctor", "a"], "'--selector'"), (["history", "verfy"], "'verify'")],
)
def test_what_was_probably_meant(routerctl: Routerctl, words: list[str], meant: str) -> None:
    done = routerctl(*words)
    assert (done.code, done.out) == (2, "")
    assert f"Did you mean {meant}?" in done.err


def test_output_that_takes_no_more_is_no_bug(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(version, "command", broken(full))
    done = routerctl("version")
    assert (done.code, done.err) == (
        74, "error: the output can't be written: No space left on device\n  the work itself may be done\n"
    )  # fmt: skip
    of_a_file = OSError(errno.ENOSPC, "No space left on device", "/some/file")
    monkeypatch.setattr(version, "command", broken(of_a_file))
    assert routerctl("version").code == 70


def test_a_full_output_is_said_once(routerctl: Routerctl) -> None:
    """In a process: what is left in a buffer is written when the interpreter ends."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reconciler", "version"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            timeout=120,
        )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (74, 2)


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
    context = root_context()
    assert table.list_commands(context) == list(COMMANDS)
    assert [name for name in COMMANDS if table.get_command(context, name) is None] == []
    assert table.get_command(context, "main") is None
    folder = Path(version.__file__).parent
    commands = {name: table.get_command(context, name) for name in COMMANDS}
    parts = {
        f"{name}_{part}"
        for name, command in commands.items()
        if isinstance(command, ListWithParts)
        for part in (name.replace("-", "_") for name in command.list_commands(context))
    }
    assert {path.stem.removesuffix("_") for path in folder.glob("*.py")} - {"__init_"} == {*COMMANDS, *parts}


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
    monkeypatch.setattr(main, "leave", sys.exit)  # this process goes on
    for arguments, code in ((["version"], 0), (["zzz"], 2)):
        monkeypatch.setattr(sys, "argv", ["routerctl", *arguments])
        with pytest.raises(SystemExit) as caught:
            main.main()
        assert caught.value.code == code


def test_errors_are_log_lines_where_logs_are_for_programs(tmp_path: Path) -> None:
    """In a process of its own: here the root logger is the test runner's."""
    command = [
        sys.executable,
        "-m",
        "reconciler",
        "--log-format",
        "json",
        "--db",
        str(tmp_path / "s.db"),
        "status",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 5
    told = json.loads(done.stderr)
    assert (told["level"], told["logger"]) == ("ERROR", "routerctl")
    assert told["message"].startswith("no store at ")


def test_an_unknown_log_format_is_wrong_usage(routerctl: Routerctl) -> None:
    assert routerctl("--log-format", "xml", "status").code == 2


def test_garbage_is_looked_for_seldom_and_found_all_the_same() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700)
    try:
        main.collect_seldom()
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 10 * 700
        usual = gc.get_threshold()
        main.run(["version"])
        assert gc.get_threshold() == usual
        main.run(["validate", "--help"])
        assert gc.get_threshold() > usual
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize(("pid", "handled"), [(1, [(signal.SIGTERM, signal.default_int_handler)]), (2, [])])
def test_the_first_process_of_a_container_hears_when_it_is_to_end(
    monkeypatch: pytest.MonkeyPatch, pid: int, handled: list[object]
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda number, handler: asked.append((number, handler)))
    main.end_when_told(pid)
    assert asked == handled
