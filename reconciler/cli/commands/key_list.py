"""routerctl key list"""

from collections.abc import Iterator
from typing import NamedTuple

import click

from reconciler.cli.output import Column, age, listing, output_option, print_data, table
from reconciler.cli.reading import records_of
from reconciler.cli.session import Session
from reconciler.control.client_keys import KIND
from reconciler.control.client_ready import key_end, keys_of
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, StoredResource


class _Row(NamedTuple):
    client: StoredResource
    id: str
    status: str
    expires: str | None
    age: str


@click.command(epilog="Example: routerctl key list search-team")
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@output_option(formats="table|wide|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], output: str, *, everywhere: bool) -> None:
    """List the keys of ClientKeys: their ids, whether they are accepted, and until when."""
    with records_of(session) as reader:
        state = reader.state().lasting()
    space, now = session.namespace or DEFAULT_NAMESPACE, session.clock.now()
    clients = [
        stored
        for key, stored in sorted(state.items())
        if key.kind == KIND and (everywhere or key.namespace == space) and (not names or key.name in names)
    ]
    missing = set(names) - {stored.key.name for stored in clients}
    if missing:
        raise NotFound(f"{KIND}/{min(missing)} does not exist", hint="what there is", command="key list")
    rows = [
        row._replace(age=age(row.client.creation_timestamp, now))
        for stored in clients
        for row in _rows(stored, now.timestamp())
    ]
    if output in ("table", "wide"):
        columns = _COLUMNS if everywhere else _COLUMNS[1:]
        click.echo(table(columns, rows, wide=output == "wide") if rows else "No keys found.", err=not rows)
    else:
        print_data(listing(map(_json, rows)), output)


def _rows(stored: StoredResource, now: float) -> Iterator[_Row]:
    spec = stored.resource.spec
    for key in keys_of(spec):
        end = key_end(spec, key)
        told = [str(each) for each in (key.get("expires"), spec.get("expires")) if each is not None]
        status = "active"
        if spec.get("enabled") is False or key.get("enabled") is False:
            status = "revoked"
        elif end is not None and end <= now:
            status = "expired"
        yield _Row(stored, str(key.get("id")), status, min(told, default=None), "")


def _texts(value: JsonValue) -> str | None:
    return ",".join(map(str, value)) if isinstance(value, list) else None


def _json(row: _Row) -> JsonObject:
    key = row.client.key
    return {
        "namespace": key.namespace,
        "client": key.name,
        "id": row.id,
        "status": row.status,
        "expires": row.expires,
        "models": row.client.resource.spec.get("models"),
        "routes": row.client.resource.spec.get("routes"),
    }


_COLUMNS = (
    Column[_Row]("NAMESPACE", lambda row: row.client.key.namespace),
    Column[_Row]("CLIENT", lambda row: row.client.key.name),
    Column[_Row]("ID", lambda row: row.id),
    Column[_Row]("STATUS", lambda row: row.status),
    Column[_Row]("EXPIRES", lambda row: row.expires),
    Column[_Row]("MODELS", lambda row: _texts(row.client.resource.spec.get("models"))),
    Column[_Row]("ROUTES", lambda row: _texts(row.client.resource.spec.get("routes")), wide=True),
    Column[_Row]("AGE", lambda row: row.age),
)
