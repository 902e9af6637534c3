from typing import cast

import click
import pytest
from fakes.store import SteppingClock

from reconciler.cli.key_options import Told, key_options, spec_of


@click.command
@key_options
def command(**told: object) -> dict[str, object]:
    return told


def parsed(*arguments: str) -> Told:
    return cast("Told", command.main(arguments, standalone_mode=False))


def test_what_nothing_is_said_of_is_left_out() -> None:
    assert spec_of(parsed(), SteppingClock()) == {}


def test_each_option_is_a_field() -> None:
    told = parsed(
        *(
            "--model",
            "a",
            "--model",
            "b*",
            "--route",
            "r",
            "--limit",
            "maxConcurrent=2",
            "--budget",
            "day=1.5",
        ),
        *(
            "--token-budget",
            "day=9",
            "--metadata",
            "team=x=y",
            "--display-name",
            "T",
            "--expires",
            "2050-01-01",
        ),
    )
    assert spec_of(told, SteppingClock()) == {
        "displayName": "T",
        "models": ["a", "b*"],
        "routes": ["r"],
        "expires": "2050-01-01T00:00:00Z",
        "limits": {"maxConcurrent": 2},
        "budgets": [{"window": "day", "amount": "1.5", "tokens": 9}],
        "metadata": {"team": "x=y"},
    }


@pytest.mark.parametrize(
    "arguments", [("--limit", "a"), ("--limit", "=1"), ("--limit", "a=b"), ("--budget", "day")]
)
def test_what_is_no_pair(arguments: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter, match=r"has no value|no whole number"):
        parsed(*arguments)


@pytest.mark.parametrize("option", ["--limit", "--budget", "--token-budget", "--metadata"])
def test_no_word_is_lost_silently(option: str) -> None:
    with pytest.raises(click.UsageError, match=f"{option} a: said twice"):
        spec_of(parsed(option, "a=1", option, "b=1", option, "a=2"), SteppingClock())
