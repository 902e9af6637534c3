"""routerctl model add"""

from typing import Unpack

import click

from reconciler.cli.asking import ask, choose, somebody_answers
from reconciler.cli.ground import pairs_there
from reconciler.cli.key_options import Pair
from reconciler.cli.model_options import Told, fields_told, model_options
from reconciler.cli.naming import key_of, names_of, require
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.control.imperative.providing import Linked, link, new_model
from reconciler.resources.resource import Resource, ResourceKey

_NOBODY = "none"


class Served(Pair):
    """`PROVIDER` or `PROVIDER=UPSTREAM`."""

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, str) and "=" not in value:
            return value, ""
        return super().convert(value, param, ctx)


@click.command(
    epilog="Example: routerctl model add llama-3.3-70b --provider groq=llama-3.3-70b-versatile --capability tools"
)
@click.argument("name", required=False)
@click.option(
    "--provider",
    "providers",
    metavar="PROVIDER[=UPSTREAM]",
    type=Served(),
    multiple=True,
    help="A Provider that serves it, and what that one calls it. May be given again.",
)
@click.option("--default", is_flag=True, help="Make it the default of these Providers.")
@model_options
@save_options
@write_options
@click.pass_obj
def command(
    session: Session,
    name: str | None,
    providers: tuple[tuple[str, str], ...],
    asked: Asked,
    saving: Saving,
    *,
    default: bool,
    **told: Unpack[Told],
) -> None:
    """Make a Model, and its Bindings to Providers, as one revision. At a terminal it asks for a name that it was not told.

    A name that no resource can have, such as meta-llama/Llama-3.3-70B, becomes an alias of a Model that is called alike.
    """
    known, on = pairs_there(session, saving)
    if name is None:
        name, providers = _ask(known, providers)
    for provider, _ in providers:
        require(key_of("Provider", session.namespace, provider), known)
    rewrites = {**new_model(name, fields_told(told), on)}
    for provider, upstream in dict.fromkeys(providers):
        rewrites |= link(provider, [Linked(name, upstream or None, default)], on)
    change(session, Deed("model add"), rewrites, asked, saving)


def _ask(
    known: dict[ResourceKey, Resource], providers: tuple[tuple[str, str], ...]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    if not somebody_answers():
        raise click.UsageError("say NAME: what clients ask for")
    name = ask("Name, as clients ask for it", check=_check_some)
    names = names_of("Provider", known)
    if providers or not names:
        return name, providers
    provider = choose(f"Provider that serves it, or {_NOBODY}", (*names, _NOBODY), names[0])
    if provider == _NOBODY:
        return name, ()
    upstream = ask("What the provider calls it", name)
    return name, ((provider, "" if upstream == name else upstream),)


def _check_some(answer: str) -> None:
    if not answer:
        raise ValueError("it can't be empty")
