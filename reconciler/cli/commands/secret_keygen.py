"""routerctl secret keygen"""

from pathlib import Path

import click

from reconciler.cli.session import Session
from reconciler.secrets.keys import MasterKey, generate_key_file
from reconciler.settings import KEY_FILE, key_file_beside


@click.command(epilog="Example: routerctl secret keygen --out router.key")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it to a file that its owner alone can read, and that must not exist yet; instead of printing it.",
)
@click.pass_obj
def command(session: Session, out: Path | None) -> None:
    """Make an encryption key, at random. It opens everything that is sealed for the router: keep a copy elsewhere.

    A store that is first written with a secret makes a key by itself; this is for who wants it before, or elsewhere.
    """
    if out is None:
        click.echo(MasterKey.generate().text())
        return
    key = generate_key_file(out)
    click.echo(f"The key {key.id} is in {out}. Keep a copy of it elsewhere.")
    if out.absolute() != key_file_beside(session.location.config_path).absolute():
        click.echo(f"To use it: {KEY_FILE}={out.absolute()}")
