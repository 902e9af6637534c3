import click
from click.testing import CliRunner

from reconciler.cli.save_options import STORE, Saving, save_options


@click.command()
@save_options
def verb(saving: Saving) -> None:
    click.echo(f"{saving.folder} {saving.apply} {saving.stores}")


def test_where_a_change_goes() -> None:
    def said(*words: str) -> str:
        return CliRunner().invoke(verb, words).output.strip()

    assert said() == "None False True"
    assert said("--save", "d") == "d False False"
    assert said("--save", "d", "--apply") == "d True True"
    assert "--apply and --public-key go with --save DIR" in said("--apply")
    assert "go with --save" in said("--public-key", "f")
    assert STORE.stores
