"""routerctl provider add"""

from typing import Unpack

import click

from reconciler.cli.asking import somebody_answers
from reconciler.cli.confirming import confirm
from reconciler.cli.ground import pairs_there
from reconciler.cli.provider_draft import Draft, begun, models_of, template_of
from reconciler.cli.provider_options import Told, check_type, fields_told, provider_options
from reconciler.cli.provider_wizard import ask_begin, ask_new
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import TEXT, Asked, write_options
from reconciler.control.imperative.assigning import fieldset


@click.command(
    epilog="Example: routerctl provider add openai --template openai --model gpt-4o --default-model gpt-4o-mini"
)
@click.argument("name", required=False)
@click.option(
    "--template",
    metavar="TEMPLATE",
    help="What to begin with: openai, openrouter, groq, ollama, lm-studio...; init --list-templates tells all.",
)
@provider_options
@click.option(
    "--model",
    "models",
    metavar="MODEL[=UPSTREAM]",
    multiple=True,
    help="A Model that it serves, and what it calls it; made where it is not there. May be given again.",
)
@click.option("--default-model", metavar="MODEL", help="The one of them that is its default.")
@click.option("--active", is_flag=True, help="Make it the active provider, too.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@save_options
@write_options
@click.pass_obj
def command(
    session: Session,
    name: str | None,
    template: str | None,
    models: tuple[str, ...],
    default_model: str | None,
    asked: Asked,
    saving: Saving,
    *,
    active: bool,
    yes: bool,
    **told: Unpack[Told],
) -> None:
    """Make a Provider, with the Models that it serves and their Bindings, as one revision.

    At a terminal it asks for what it was not told. Of a key, only where it is stands among the arguments: it is given as
    the name of a variable, in a file, on stdin, or typed without an echo; what is read is sealed.
    """
    begin, linked = template_of(template), models_of(models, default_model)
    check_type(told["provider_type"])
    _, on = pairs_there(session, saving)
    asks = (
        not yes and (name is None or (begin is None and told["provider_type"] is None)) and somebody_answers()
    )
    provider_type = told["provider_type"]
    if asks:
        name, begin, provider_type = ask_begin(name, begin, provider_type)
    draft = begun(name, begin, provider_type)
    fields = fields_told(told, fieldset("Provider", draft.type))
    draft = Draft(draft.name, draft.with_fields(fields).spec, linked, active)
    if asks:
        draft = ask_new(draft, begin, known=on.models, asked=frozenset(fields))
        confirm(f"Make {draft.summary}?", yes=False)
    change(
        session,
        Deed("provider add", sealing=True),
        draft.rewrites(on),
        asked,
        saving,
    )
    if asked.output == TEXT and not asked.dry_run and saving.stores:
        click.echo(f"Try it: {session.program} test {draft.name}", err=True)
