"""routerctl secret unset"""

import click

from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.new_secret import without_value
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey


@click.command(epilog="Example: routerctl secret unset keys OPENAI")
@click.argument("name")
@click.argument("key")
@write_options
@click.pass_obj
def command(session: Session, name: str, key: str, asked: Asked) -> None:
    """Take KEY out of the data of the Secret NAME, as one revision.

    Refused where it is the last one: delete the Secret then. Earlier revisions keep the value, sealed, for rollbacks.
    """
    resource = ResourceKey("Secret", session.namespace or DEFAULT_NAMESPACE, name)
    rewrites = {resource: lambda target: without_value(target, resource, key)}
    carry_out(session, "secret unset", rewrites, asked, Words("unset", "unset (no change)"))
