"""Each help has its example, and each example is one that the command takes."""

import shlex

import click
import pytest
from fakes.command import Routerctl
from fakes.context import root_context

from reconciler.cli.main import COMMANDS, CommandTable

TABLE = CommandTable()


def command_of(name: str) -> click.Command:
    command = TABLE.get_command(root_context(), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_parses(routerctl: Routerctl, name: str) -> None:
    shown = routerctl.plain(name, "--help")
    assert shown.code == 0
    assert shown.out.count("Example: ") == 1
    example = shown.out.partition("Example: ")[2].partition("\n\n")[0]
    words = shlex.split(example.partition(" > ")[0])
    assert words[:2] == ["routerctl", name]
    command_of(name).make_context(name, words[2:], parent=root_context(), resilient_parsing=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command = command_of(name)
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [
        option.name for option in options if not option.help and not isinstance(option.type, click.Choice)
    ] == []
    assert command.help


def test_the_program_has_an_example_too(routerctl: Routerctl) -> None:
    assert "Example: routerctl up -f manifests/ --watch" in routerctl.plain("--help").out
