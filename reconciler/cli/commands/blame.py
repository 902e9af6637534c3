"""routerctl blame"""

from collections.abc import Sequence

import click

from reconciler.api.records import Records
from reconciler.cli.output import Column, output_option, print_data, table
from reconciler.cli.reading import records_of
from reconciler.cli.revision_output import commit_text
from reconciler.cli.selecting import keys_of, select
from reconciler.cli.session import Session
from reconciler.control.blame import Blamed, blame
from reconciler.control.field_text import value_text
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject
from reconciler.resources.resource import StoredResource

_FORMATS = "table|wide|json|yaml|jsonpath=EXPRESSION"
_LONGEST = 40


@click.command(epilog="Example: routerctl blame provider/openai")
@click.argument("what", nargs=-1, required=True, metavar="KIND/NAME")
@output_option("table", _FORMATS)
@click.pass_obj
def command(session: Session, what: tuple[str, ...], output: str) -> None:
    """Tell for each field of a resource who manages it, and the revision that gave it its value: when, by whom, why.

    A field that nobody declares has its default. A revision with a ^ is the oldest that history prune left: the value may
    be older.
    """
    keys = keys_of(what, session.namespace)
    if len(keys) != 1:
        raise click.UsageError("blame tells of one resource: write KIND/NAME")
    with records_of(session) as reader, reader.consistent():
        selected = select(reader, what, namespace=session.namespace, everywhere=False, selector=None)
        selected.require_all()
        versions = _versions(reader, selected.found[0])
        found = blame(versions, reader.revision, whole=_created(reader, versions[-1]))
    if output in ("table", "wide"):
        click.echo(table(_COLUMNS, found, wide=output == "wide"))
    else:
        fields = [_json(item) for item in found]
        print_data({"key": str(keys[0]), "fields": [*fields]}, output)


def _versions(reader: Records, stored: StoredResource) -> Sequence[StoredResource]:
    """Of this object, newest first; an earlier one of the same name does not count. Raises NotFound where there is none:
    what a server answers need not hold together.
    """
    found = []
    for number in reader.revisions_of(stored.key):
        # What owned the newest version when it was made may have changed since.
        version = stored if number == stored.revision else reader.get(stored.key, at=number)
        if version is None or version.uid != stored.uid:
            break
        found.append(version)
    if not found:
        raise NotFound(
            f"no revision that made {stored.key} what it is was told",
            hint="it is there, and its history is not: look at that with",
            command="history",
        )
    return found


def _created(reader: Records, version: StoredResource) -> bool:
    """Whether it is the one that created the resource: events outlive what they changed."""
    return any(
        event.key == version.key and event.type == "ADDED" for event in reader.events(version.revision)
    )


def _json(item: Blamed) -> JsonObject:
    revision = item.revision
    return {
        "field": item.field,
        "value": item.value,
        "managers": [*item.managers],
        "default": item.default,
        "revision": revision.number,
        "older": item.older,
        "time": revision.time,
        "actor": revision.actor,
        "operation": revision.operation,
        "source": revision.source,
        "commit": revision.commit,
        "dirty": revision.dirty,
        "message": revision.message,
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_COLUMNS = (
    Column[Blamed]("FIELD", lambda item: item.field),
    Column[Blamed]("VALUE", lambda item: _short(value_text(item.value))),
    Column[Blamed]("MANAGER", lambda item: ", ".join(item.managers) or "(default)"),
    Column[Blamed]("REVISION", lambda item: f"{'^' if item.older else ''}{item.revision.number}"),
    Column[Blamed]("TIME", lambda item: item.revision.time),
    Column[Blamed]("ACTOR", lambda item: item.revision.actor, wide=True),
    Column[Blamed]("OPERATION", lambda item: item.revision.operation, wide=True),
    Column[Blamed]("SOURCE", lambda item: item.revision.source, wide=True),
    Column[Blamed]("COMMIT", lambda item: commit_text(item.revision)),
    Column[Blamed]("MESSAGE", lambda item: item.revision.message),
)
