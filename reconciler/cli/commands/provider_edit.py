"""routerctl provider edit"""

from typing import Unpack

import click

from reconciler.cli.asking import somebody_answers
from reconciler.cli.ground import there
from reconciler.cli.naming import key_of, require
from reconciler.cli.provider_edit_questions import ask_edit
from reconciler.cli.provider_options import Told, check_type, fields_told, provider_options, says_something
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.control.imperative.assigning import assigned, fieldset
from reconciler.control.imperative.providing import put


@click.command(
    epilog="Example: routerctl provider edit openai --priority 10 --set timeout=90s --unset headers.X-Team"
)
@click.argument("name")
@provider_options
@click.option(
    "--unset", "removed", metavar="KEY", multiple=True, help="Take a field away. May be given again."
)
@save_options
@write_options
@click.pass_obj
def command(
    session: Session,
    name: str,
    removed: tuple[str, ...],
    asked: Asked,
    saving: Saving,
    **told: Unpack[Told],
) -> None:
    """Change fields of a Provider, as one revision: those that options name, or at a terminal what it asks for.

    What is changed belongs to who changes it: a source that declares another value finds a conflict at its next apply,
    unless --save writes the change into its manifests as well. For all fields in an editor: edit provider/NAME.
    """
    check_type(told["provider_type"])
    key = key_of("Provider", session.namespace, name)
    spec = require(key, there(session, saving, "Provider")).spec
    fields = fieldset("Provider", told["provider_type"] or str(spec["type"]))
    if says_something(told) or removed:
        wanted = {**fields_told(told, fields), **assigned(fields, (), removed)}
        if told["provider_type"] is not None:
            wanted["type",] = told["provider_type"]
    elif somebody_answers():
        wanted = dict(ask_edit(spec, fields))
    else:
        raise click.UsageError("say what is to be another, such as --priority 10, or --set KEY=VALUE")
    deed = Deed("provider edit", fields=True, sealing=True)
    change(session, deed, {key: put(wanted)}, asked, saving)
