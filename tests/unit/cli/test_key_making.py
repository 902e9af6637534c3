from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from reconciler.cli.key_making import Making, making_options


class Fixed:
    def now(self) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        raise NotImplementedError


def made(*arguments: str) -> Making:
    found: list[Making] = []

    @click.command()
    @making_options
    def command(making: Making) -> None:
        found.append(making)

    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    return found[0]


def test_what_is_said_becomes_one_value() -> None:
    plain = made()
    assert (plain.end(Fixed()), plain.as_text, plain.dry_run, plain.asked.beside) == (None, True, False, True)
    told = made("--key-expires", "30d", "--dry-run", "-o", "json", "-m", "why")
    assert (told.end(Fixed()), told.as_text, told.dry_run, told.asked.message) == (
        "2026-07-01T00:00:00Z",
        False,
        True,
        "why",
    )
    with pytest.raises(click.UsageError, match="--key-expires: that moment has passed"):
        made("--key-expires", "2020-01-01").end(Fixed())
