"""routerctl audit"""

import click

from reconciler.cli.output import Column, listing, output_option, print_data, table
from reconciler.cli.reading import accounts_of
from reconciler.cli.session import Session
from reconciler.json_types import JsonObject
from reconciler.store.audit import AuditRow


@click.command(epilog="Example: routerctl audit --principal token:ci -o wide")
@click.option("--principal", metavar="NAME", help="Only what this principal did: local:ada, token:ci.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many, the newest."
)
@click.option("--all", "everything", is_flag=True, help="Everything that was ever written down.")
@output_option(formats="table|wide|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, principal: str | None, limit: int, output: str, *, everything: bool) -> None:
    """Tell who changed what, from where, and who was refused; oldest first.

    Rows are only ever added, each in the transaction of what it tells of, and each signs the one before: history verify
    proves them.
    """
    with accounts_of(session) as accounts:
        found = accounts.audit(None if everything else limit, principal)
    if output in ("table", "wide"):
        click.echo(table(_COLUMNS, found, wide=output == "wide") if found else "Nothing was written down.")
    else:
        print_data(listing(map(_json, found)), output)


def _json(row: AuditRow) -> JsonObject:
    return {
        "number": row.number,
        "time": row.time,
        "principal": row.principal,
        "address": row.address or None,
        "as": row.acting_as,
        "manager": row.manager,
        "operation": row.operation,
        "target": row.target,
        "revision": row.revision,
        "outcome": row.outcome,
        "digest": row.digest,
    }


_COLUMNS = (
    Column[AuditRow]("NUMBER", lambda row: row.number),
    Column[AuditRow]("TIME", lambda row: row.time),
    Column[AuditRow]("PRINCIPAL", lambda row: row.principal),
    Column[AuditRow]("ADDRESS", lambda row: row.address),
    Column[AuditRow]("OPERATION", lambda row: row.operation),
    Column[AuditRow]("TARGET", lambda row: row.target),
    Column[AuditRow]("REVISION", lambda row: row.revision),
    Column[AuditRow]("OUTCOME", lambda row: row.outcome),
    Column[AuditRow]("AS", lambda row: row.acting_as, wide=True),
    Column[AuditRow]("MANAGER", lambda row: row.manager, wide=True),
    Column[AuditRow]("DIGEST", lambda row: row.digest, wide=True),
)
