"""routerctl secret set"""

from pathlib import Path

import click

from reconciler.cli.creating import create
from reconciler.cli.proposing import records_if_any
from reconciler.cli.secret_value import ValueCommand, from_file_option, read_value
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.imperative.creation import new
from reconciler.control.new_secret import new_secret, with_value
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey


@click.command(
    cls=ValueCommand, epilog="Example: routerctl secret set keys OPENAI --host api.openai.com < key.txt"
)
@click.argument("name")
@click.argument("key")
@from_file_option
@click.option(
    "--host",
    "hosts",
    metavar="HOST",
    multiple=True,
    help="A host that its values may go to, beside those that it names. May be given again.",
)
@write_options
@click.pass_obj
def command(
    session: Session, name: str, key: str, file: Path | None, hosts: tuple[str, ...], asked: Asked
) -> None:
    """Store a value in the Secret NAME, as one revision: KEY of its data. A Secret that is not there is made.

    The value is sealed in the store's vault and never shown again. It belongs to who sets it: the next apply of a source
    that declares another one finds a conflict.
    """
    resource = ResourceKey("Secret", session.namespace or DEFAULT_NAMESPACE, name)
    value = read_value(file)
    with records_if_any(session) as reader:
        there = reader is not None and reader.get(resource) is not None
    if there:
        words = Words("set", "set (no change)")
        rewrites = {resource: lambda target: with_value(target, key, value, hosts)}
        carry_out(session, "secret set", rewrites, asked, words, sealing=True)
    else:
        made = new_secret(resource, key, value, hosts)
        create(session, "secret set", new(resource, made.resource.spec), asked)
