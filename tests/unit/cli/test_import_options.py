from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reconciler.cli.import_options import form_option, oxide_key_option, seal_option


@click.command()
@form_option
@seal_option
@oxide_key_option
def command(form: str, key_file: Path | None, *, seal: bool) -> None:
    click.echo(f"{form} {key_file} {seal}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "auto None False"),
        (("--from", "oxide", "--seal", "--oxide-key-file", "k"), "oxide k True"),
    ],
)
def test_what_both_commands_take(arguments: tuple[str, ...], told: str) -> None:
    assert CliRunner().invoke(command, arguments).output.strip() == told


def test_a_system_that_nobody_knows_is_refused() -> None:
    assert CliRunner().invoke(command, ("--from", "nothing")).exit_code == 2
