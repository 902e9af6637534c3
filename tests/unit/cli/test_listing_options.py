import click
from click.testing import CliRunner

from reconciler.cli.listing_options import sought_options
from reconciler.cli.provider_listing import Sought


@click.command()
@sought_options
def verb(sought: Sought) -> None:
    click.echo(repr(sought))


def test_all_of_them_are_one_argument() -> None:
    said = CliRunner().invoke(verb, ["--type", "a", "--type", "b", "--disabled", "-l", "x=y", "-A"])
    assert said.output.strip() == repr(Sought(("a", "b"), enabled=False, selector="x=y", everywhere=True))
    assert CliRunner().invoke(verb, []).output.strip() == repr(Sought())
