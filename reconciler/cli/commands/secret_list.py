"""routerctl secret list"""

import click

from reconciler.cli.output import Column, listing, output_option, print_data, table
from reconciler.cli.reading import records_of
from reconciler.cli.session import Session
from reconciler.control.secret_list import SecretField, secret_fields
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE

_COLUMNS = (
    Column[SecretField]("RESOURCE", lambda row: row.key),
    Column[SecretField]("FIELD", lambda row: row.entry),
    Column[SecretField]("HELD AS", lambda row: row.form),
    Column[SecretField]("HOSTS", lambda row: ", ".join(row.hosts)),
    Column[SecretField]("USED BY", lambda row: ", ".join(row.users)),
)


@click.command(epilog="Example: routerctl secret list -A")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@output_option("table", "table|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, output: str, *, everywhere: bool) -> None:
    """List what is secret in a namespace: how it is held, which hosts it may go to, and who uses it. Never a value."""
    namespace = None if everywhere else session.namespace or DEFAULT_NAMESPACE
    with records_of(session) as reader:
        rows = [*secret_fields(reader.state().lasting(), namespace)]
    if output != "table":
        print_data(listing(map(_json, rows)), output)
    elif rows:
        click.echo(table(_COLUMNS, rows))
    else:
        click.echo("No secrets found.", err=True)


def _json(row: SecretField) -> JsonObject:
    return {
        "kind": row.key.kind,
        "namespace": row.key.namespace,
        "name": row.key.name,
        "field": row.entry,
        "heldAs": row.form,
        "hosts": [*row.hosts],
        "usedBy": [*row.users],
    }
