"""routerctl secret seal"""

from pathlib import Path

import click

from reconciler.cli.renewing import renew_files
from reconciler.cli.secret_input import FieldPath, place_given, public_key_for
from reconciler.cli.secret_value import ValueCommand, from_file_option, read_value
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.secrets import Renew
from reconciler.control.seal import literal_of, place_of
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.sealing import PublicKey, Scope
from reconciler.secrets.value import SecretValue


@click.command(
    cls=ValueCommand,
    epilog="Example: routerctl secret seal --for provider/openai:spec.config.apiKey < key.txt",
)
@click.option("--name", metavar="NAME", help="The Secret that it is for.")
@click.option("--key", metavar="KEY", help="The key in its data.")
@click.option(
    "--for", "place", metavar="KIND/NAME:FIELD", help="The field that it is for, instead of a Secret."
)
@from_file_option
@click.option(
    "-f",
    "--filename",
    "paths",
    metavar="PATH",
    multiple=True,
    help="Seal all plain secrets of a manifest or a folder, in place; of -, stdin, to stdout.",
)
@click.option(
    "--public-key",
    "public",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What to seal it to, as secret public-key prints it. [default: the key at hand]",
)
@click.option(
    "--scope",
    type=click.Choice([scope.name.lower() for scope in Scope]),
    default="strict",
    show_default=True,
    help="Where it opens: in this field alone, anywhere in this namespace, or anywhere in the store.",
)
@click.pass_obj
def command(
    session: Session,
    *,
    name: str | None,
    key: str | None,
    place: str | None,
    file: Path | None,
    paths: tuple[str, ...],
    public: Path | None,
    scope: str,
) -> None:
    """Encrypt a value to the router's public key, so that a manifest with `sealed: s1-...` can be committed.

    The value opens only in the router that has the key, and only in the field, resource and namespace that it was
    sealed for. A manifest that is applied with -n is sealed with the same -n.
    """
    if not paths:
        resource, path = place_given(session, name, key, place)
        sealing = public_key_for(session, public)
        value = read_value(file)
        click.echo(sealing.seal(place_of(resource, path), value, Scope[scope.upper()]))
        return
    if any((name, key, place, file)):
        raise click.UsageError(
            "-f seals what stands in manifests: it goes without --name, --key, --for, --from-file"
        )
    renew_files(session, paths, _sealing(public_key_for(session, public), Scope[scope.upper()]), "sealed")


def _sealing(key: PublicKey, scope: Scope) -> Renew:
    def renew(resource: ResourceKey, path: FieldPath, written: JsonValue) -> str | None:
        literal = literal_of(written)
        return None if literal is None else key.seal(place_of(resource, path), SecretValue(literal), scope)

    return renew
