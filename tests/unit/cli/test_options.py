import click
import pytest

from reconciler.cli.options import (
    filename_option,
    message_option,
    prune_option,
    source_option,
    wait_options,
)


@click.command()
@filename_option()
@source_option
@prune_option
@message_option
@wait_options
def command(**told: object) -> dict[str, object]:
    return told


def told(*arguments: str) -> object:
    return command.main(list(arguments), standalone_mode=False)


def test_what_is_told_where_nothing_is_said() -> None:
    assert told("-f", "a") == {
        "paths": ("a",), "source": None, "prune": False, "message": "", "wait": False, "timeout": 30.0
    }  # fmt: skip


def test_paths_may_be_given_again() -> None:
    arguments = (
        "-f",
        "a",
        "--filename",
        "-",
        "--prune",
        "--source",
        "s",
        "-m",
        "why",
        "--wait",
        "--timeout",
        "0.5",
    )
    assert told(*arguments) == {
        "paths": ("a", "-"), "source": "s", "prune": True, "message": "why", "wait": True, "timeout": 0.5
    }  # fmt: skip


def test_a_path_is_needed_unless_the_command_says_otherwise() -> None:
    with pytest.raises(click.MissingParameter):
        told()

    @click.command()
    @filename_option(required=False)
    def other(paths: tuple[str, ...]) -> tuple[str, ...]:
        return paths

    assert other.main([], standalone_mode=False) == ()
