"""A resource that a command makes: one revision, in the name of who runs it."""

import click

from reconciler.api.writes import Change
from reconciler.cli.output import print_data
from reconciler.cli.reading import records_of
from reconciler.cli.resource_output import as_object
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.cli.write_options import NAME, TEXT, Asked
from reconciler.cli.writes import writes_of
from reconciler.cli.written_output import name_of
from reconciler.control.imperative.creation import Creation, new
from reconciler.control.manifest.decode import Declared


def create(session: Session, verb: str, creation: Creation, asked: Asked) -> None:
    """Makes it, or shows that it would, as `asked`. Makes the store where there is none."""
    key = creation.key
    change = Change(verb, {key: creation}, asked.manager, asked.message, asked.dry_run, sealing=True)
    done = writes_of(session).change(change)
    if done.revision is None:
        click.echo(f"{name_of(key)} created (dry run)", err=asked.beside)
        return
    number = done.revision.number
    if asked.output == TEXT:
        click.echo(
            f"{name_of(key)} created\nRevision {number}  digest {done.revision.digest}", err=asked.beside
        )
    elif asked.output == NAME:
        click.echo(name_of(key))
    else:
        with records_of(session) as reader:
            stored = reader.get(key, at=number)
        if stored is not None:
            print_data(as_object(stored), asked.output)
    say_served(
        session, number, wait=asked.wait, timeout=asked.timeout, beside=asked.beside or asked.output != TEXT
    )


def create_declared(session: Session, verb: str, declared: Declared, asked: Asked) -> None:
    """The same of what a manifest would declare."""
    create(session, verb, new(declared.key, declared.resource.spec), asked)
