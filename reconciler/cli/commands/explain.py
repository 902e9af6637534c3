"""routerctl explain"""

import click

from reconciler.cli.explain_output import explained, field_json
from reconciler.cli.output import DATA_FORMATS, Column, output_option, print_data, table
from reconciler.control.manifest.fields import Field, document_of
from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import NotFound
from reconciler.json_types import JsonValue
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.kinds import KINDS, Kind, find_kind

_COLUMNS = (
    Column[Kind]("KIND", lambda kind: kind.name),
    Column[Kind]("WORDS", lambda kind: ", ".join(kind.words())),
    Column[Kind]("IS", lambda kind: kind.summary),
)


@click.command(epilog="Example: routerctl explain provider.spec.config --type simulator")
@click.argument("field", metavar="[KIND[.FIELD...]]", required=False)
@click.option("--recursive", is_flag=True, help="List the fields at all depths.")
@click.option(
    "--type",
    "provider_type",
    type=click.Choice(tuple(PROVIDER_TYPES)),
    help="Of a Provider: what this type takes, and nothing else.",
)
@output_option("text", DATA_FORMATS)
def command(field: str | None, recursive: bool, provider_type: str | None, output: str) -> None:
    """Tell what a kind or a field is: its type, its limits, and the fields inside.

    Fields of list items and of a map's values come right behind the list or map: secret.spec.data.value. Without a
    word, lists the kinds.
    """
    if field is None:
        _list_kinds(output)
        return
    word, *path = field.split(".")
    kind = _kind(word)
    if provider_type is not None and kind.name != "Provider":
        raise click.UsageError(f"--type goes with kind Provider; a {kind.name} has no type")
    found = _field(kind, path, provider_type)
    if output == "text":
        click.echo(explained(kind.name, path, found, recursive=recursive).rstrip("\n"))
    else:
        print_data(field_json(kind.name, path, found, recursive=recursive), output)


def _list_kinds(output: str) -> None:
    if output == "text":
        click.echo(table(_COLUMNS, list(KINDS.values())))
        return
    kinds: list[JsonValue] = [
        {"kind": kind.name, "words": [*kind.words()], "description": kind.summary} for kind in KINDS.values()
    ]
    print_data({"kinds": kinds}, output)


def _kind(word: str) -> Kind:
    found = find_kind(word)
    if found is None:
        meant = suggestion(word, [each for kind in KINDS.values() for each in kind.words()])
        hint = f"did you mean {meant}?" if meant else f"one of {', '.join(KINDS)}"
        raise NotFound(f'there is no kind "{word}"', hint=hint)
    return found


def _field(kind: Kind, path: list[str], provider_type: str | None) -> Field:
    """Raises NotFound, with what was meant where that can be told."""
    document = document_of(kind, provider_type)
    field = document
    for depth, name in enumerate(path):
        child = field.child(name)
        if child is None:
            where = ".".join([kind.name.lower(), *path[:depth]])
            raise NotFound(
                f'there is no field "{name}" in {where}', hint=_meant(kind, document, field, path, depth)
            )
        field = child
    return field


def _meant(kind: Kind, document: Field, parent: Field, path: list[str], depth: int) -> str:
    """What to ask instead: a field of another provider type, one that stands elsewhere, one written alike, or all there are."""
    name = path[depth]
    whole = document_of(kind)
    takers = next((each.provider_types for at, each in whole.walk() if [*at] == path[: depth + 1]), ())
    if takers:
        return f"it is a field of type {', '.join(takers)}"
    elsewhere = [at for at, _ in document.walk() if at[-1] == name and [*at[:-1]] != path[:depth]]
    close = suggestion(name, [field.name for field in parent.fields])
    if close is not None:
        return f"did you mean {'.'.join([kind.name.lower(), *path[:depth], close])}?"
    if elsewhere:
        return f"did you mean {'.'.join([kind.name.lower(), *min(elsewhere, key=len)])}?"
    return (
        f"known here: {', '.join(field.name for field in parent.fields)}"
        if parent.fields
        else "it holds no fields"
    )
