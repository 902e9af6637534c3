"""`provider remove` and `model remove`: what refers to them is told, and goes with them where somebody says so."""

from collections.abc import Sequence

import click

from reconciler.cli.asking import somebody_answers
from reconciler.cli.confirming import confirm
from reconciler.cli.ground import versions_there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.control.imperative.dependents import Dependent, cascade, dependents
from reconciler.errors import Refused
from reconciler.resources.kinds import KINDS


def remove(
    session: Session,
    kind: str,
    names: Sequence[str],
    asked: Asked,
    saving: Saving,
    *,
    together: bool,
    yes: bool,
) -> None:
    """together: what refers to them goes as well. Raises Refused where something refers to them and stays."""
    versions = versions_there(session, saving, *KINDS)
    known = {resource.key: resource for resource in versions}
    keys = [key_of(kind, session.namespace, name) for name in dict.fromkeys(names)]
    for key in keys:
        require(key, known)
    found = dependents(keys, versions)
    names_ = ", ".join(map(str, keys))
    _check_standing(names_, found)
    if found and not together:
        _agree(names_, found, yes=yes)
    elif not asked.dry_run:
        more = f" and {_counted(len(cascade(found)))}" if found else ""
        confirm(f"Remove {names_}{more}?", yes=yes)
    rewrites = {**cascade(found), **dict.fromkeys(keys)}
    deed = Deed(f"{kind.lower()} remove", "removed", "is being removed already", changed="changed")
    change(session, deed, rewrites, asked, saving)


def _check_standing(names: str, found: Sequence[Dependent]) -> None:
    standing = [each for each in found if each.stands]
    if standing:
        first = standing[0].key
        raise Refused(
            "\n".join([f"{names} can't go: a Route names it", *(f"  {each}" for each in standing)]),
            hint="take it out of the Route first",
            command=f"edit {first.kind.lower()}/{first.name} -n {first.namespace}",
        )


def _agree(names: str, found: Sequence[Dependent], *, yes: bool) -> None:
    """A person may say that all of it is to go. Raises Refused otherwise."""
    told = "\n".join([f"{names} is named by:", *(f"  {each}" for each in found)])
    if somebody_answers() and not yes:
        click.echo(told, err=True)
        confirm(f"Remove {names}, these Bindings, and the word of the Settings?", yes=False)
        return
    raise Refused(told, hint="--cascade removes the Bindings with it, and takes the word out of the Settings")


def _counted(number: int) -> str:
    return "1 more resource" if number == 1 else f"{number} more resources"
