from pathlib import Path

import click
import pytest
from fakes.command import Routerctl, manifest, served
from fakes.context import root_context

from reconciler.cli import main
from reconciler.cli.global_options import accepting_globals
from reconciler.cli.main import COMMANDS, cli


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"), manifest("Model", "n", namespace="team-a"))
    return routerctl


def test_global_options_stand_before_the_verb_or_after_it(filled: Routerctl) -> None:
    expected = "model/n\n"
    for words in (
        ["--db", filled.db, "-n", "team-a", "get", "models", "-o", "name"],
        ["--db", filled.db, "get", "models", "-o", "name", "-n", "team-a"],
        ["get", "models", "-n", "team-a", "--db", filled.db, "-o", "name"],
        ["get", "--namespace=team-a", "models", f"--db={filled.db}", "-o", "name", "-v"],
    ):
        assert filled.plain(*words).out == expected


def test_what_is_said_after_the_verb_wins(filled: Routerctl) -> None:
    assert filled("-n", "team-a", "get", "models", "-n", "default", "-o", "name").out == "model/m\n"


def test_a_store_that_is_named_after_the_verb_is_named_in_what_is_suggested(
    filled: Routerctl, tmp_path: Path
) -> None:
    applied = filled.plain("apply", "-f", filled.manifests, "--db", filled.db)
    assert applied.err.endswith(f"start it with: routerctl --db {filled.db} up\n")
    absent = tmp_path / "none.db"
    done = filled.plain("history", "--db", absent)
    assert (done.code, done.err) == (
        5, f"error: no store at {absent}\n  make one with: routerctl --db {absent} apply -f DIR\n"
    )  # fmt: skip


def test_subcommands_take_them_too(filled: Routerctl) -> None:
    done = filled.plain("history", "verify", "--db", filled.db)
    assert (done.code, done.err) == (0, "")


def test_more_is_logged_where_it_is_said_twice(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(main, "log_to_stderr", lambda level, *_more, **_told: asked.append(level))
    routerctl("-v", "version", "-v")
    assert asked == [20, 10]


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_takes_them_and_says_so(verb: str) -> None:
    command = cli.get_command(root_context(), verb)
    assert command is not None
    options = {flag for option in command.params for flag in option.opts}
    assert {"--db", "--namespace", "-n", "--verbose", "-v"} <= options
    assert "--version" not in options
    flags = [flag for option in command.params for flag in option.opts]
    assert len(flags) == len(set(flags)), "a flag of the verb means something else before it"
    assert "Global options" in (command.epilog or "")


def test_the_command_itself_stays_as_it_was() -> None:
    @click.command(epilog="Example: x")
    def command() -> None:
        return

    accepting_globals(command, cli)
    assert (command.params, command.epilog) == ([], "Example: x")
