"""A resource that a command makes: one revision, by the same engine as an apply, in the name of who runs it."""

import click

from reconciler.bootstrap.writing import open_store
from reconciler.cli.output import print_data
from reconciler.cli.resource_output import as_object
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.cli.write_options import NAME, TEXT, Asked
from reconciler.cli.written_output import name_of
from reconciler.control.apply import apply
from reconciler.control.manifest.decode import Declared
from reconciler.control.proposal import Wanted


def create(session: Session, verb: str, declared: Declared, asked: Asked) -> None:
    """Makes it, or shows that it would, as `asked`. Makes the store where there is none."""
    manager = asked.field_manager
    if asked.dry_run:
        click.echo(f"{name_of(declared.key)} created (dry run)")
        return
    wanted = Wanted({declared.key: declared}, manager)
    with open_store(session.location, session.environ, session.clock) as store:
        meta = asked.meta(verb)
        number = apply(wanted, store.reader, store.writer, store.cipher, session.clock, meta).revision.number
        stored, revision = store.reader.get(declared.key), store.reader.revision(number)
    if asked.output == TEXT:
        click.echo(
            f"{name_of(declared.key)} created\nRevision {number}  digest {revision.digest}", err=asked.beside
        )
    elif asked.output == NAME:
        click.echo(name_of(declared.key))
    elif stored is not None:
        print_data(as_object(stored), asked.output)
    say_served(
        session, number, wait=asked.wait, timeout=asked.timeout, beside=asked.beside or asked.output != TEXT
    )
