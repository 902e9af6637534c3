"""routerctl secret public-key"""

from pathlib import Path

import click

from reconciler.cli.secret_input import cipher_at_hand, public_key_for
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput


@click.command(epilog="Example: routerctl secret public-key --out router.pub")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it to a file.")
@click.pass_obj
def command(session: Session, out: Path | None) -> None:
    """Print the router's public key: who has it can seal values for the router, and open none. Commit it."""
    text = (public_key_for(session, None) if session.is_remote else cipher_at_hand(session).public_key).text()
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(f"{text}\n", encoding="ascii")
    except OSError as error:
        raise InvalidInput(f"{out} can't be written: {(error.strerror or '').lower()}") from None
    click.echo(f"The public key is in {out}.")
