"""routerctl edit"""

import click

from reconciler.cli.editing import edit
from reconciler.cli.reading import records_of
from reconciler.cli.selecting import keys_of, select
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options


@click.command(epilog='Example: routerctl edit provider/openai -m "a longer timeout"')
@click.argument("what", nargs=-1, required=True, metavar="KIND/NAME")
@write_options
@click.pass_obj
def command(session: Session, what: tuple[str, ...], asked: Asked) -> None:
    """Change a stored resource in an editor, as one revision: that of VISUAL or EDITOR, else vi.

    What can't be applied is opened again, with the errors on top. Left as it was, nothing is done. A change that somebody
    else made meanwhile is kept; where both changed the same field, you are asked again.
    """
    if len(keys_of(what, session.namespace)) != 1:
        raise click.UsageError("one resource is edited at a time: write KIND/NAME")
    with records_of(session) as reader:
        selected = select(reader, what, namespace=session.namespace, everywhere=False, selector=None)
    selected.require_all()
    edit(session, selected.found[0], asked)
