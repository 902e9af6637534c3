import click
import pytest

from reconciler.cli.options import (
    Duration,
    field_manager_option,
    filename_option,
    message_option,
    source_option,
    wait_options,
)
from reconciler.control.kustomize.overlay import Overlay


@click.command()
@filename_option()
@source_option
@message_option
@wait_options
def command(**told: object) -> dict[str, object]:
    return told


def told(*arguments: str) -> object:
    return command.main(list(arguments), standalone_mode=False)


def test_what_is_told_where_nothing_is_said() -> None:
    assert told("-f", "a") == {
        "paths": ("a",), "source": None, "message": "", "wait": False, "timeout": 30.0
    }  # fmt: skip


def test_paths_may_be_given_again() -> None:
    arguments = (
        "-f",
        "a",
        "--filename",
        "-",
        "--source",
        "s",
        "-m",
        "why",
        "--wait",
        "--timeout",
        "0.5",
    )
    assert told(*arguments) == {
        "paths": ("a", "-"), "source": "s", "message": "why", "wait": True, "timeout": 0.5
    }  # fmt: skip


def test_a_path_is_needed_unless_the_command_says_otherwise() -> None:
    with pytest.raises(click.MissingParameter):
        told()

    @click.command()
    @filename_option(required=False)
    def other(paths: tuple[str, ...]) -> tuple[str, ...]:
        return paths

    assert other.main([], standalone_mode=False) == ()


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("250ms", 0.25), ("1m30s", 90.0), ("30", 30.0), ("0.5", 0.5)]
)
def test_durations_have_units_or_are_seconds(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds
    assert Duration().convert(seconds, None, None) == seconds


@pytest.mark.parametrize("text", ["-1", "-1s", "", "s", "1d", "1e3", "nan", "inf", ".5", "1.5s"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write 30s, 1m30s, 250ms, or 30 for seconds"):
        Duration(zero=True).convert(text, None, None)


@pytest.mark.parametrize("text", ["0", "0s", "0.0"])
def test_zero_is_a_duration_where_it_means_something(text: str) -> None:
    assert Duration(zero=True).convert(text, None, None) == 0
    with pytest.raises(click.BadParameter, match="zero means nothing here"):
        Duration().convert(text, None, None)


def test_a_wait_may_be_told_as_a_duration_and_not_be_negative() -> None:
    assert told("-f", "a", "--timeout", "1m30s")["timeout"] == 90.0  # type: ignore[index]  # a dict
    with pytest.raises(click.BadParameter):
        told("-f", "a", "--timeout", "-1")


def test_who_reads_no_stdin_does_not_offer_it() -> None:
    @click.command()
    @filename_option(stdin=False)
    def other(paths: tuple[str, ...]) -> None:
        del paths

    option = other.params[0]
    assert isinstance(option, click.Option)
    assert option.help == "A manifest or a folder of manifests. May be given again."


def test_an_overlay_stands_for_paths_and_not_beside_them() -> None:
    paths = told("-k", "overlays/prod")["paths"]  # type: ignore[index]  # a dict
    assert paths == ("overlays/prod",)
    assert isinstance(paths[0], Overlay)
    with pytest.raises(click.UsageError, match="give -f or -k, not both"):
        told("-f", "a", "-k", "b")


def test_a_field_manager_is_a_name() -> None:
    @field_manager_option
    def command() -> None:
        pass

    (option,) = command.__click_params__  # type: ignore[attr-defined]  # where click keeps them until it makes a command
    assert (option.name, option.opts) == ("manager", ["--field-manager"])
