"""What the writer writes beside a commit: who did it, and the tokens that others are let in with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from reconciler.errors import Refused
from reconciler.resources.principal import Principal
from reconciler.resources.resource import source_manager
from reconciler.store import audit
from reconciler.store.checksums import with_checksum
from reconciler.store.records import Edit, Revision, RevisionMeta
from reconciler.store.tables import TokenRow, table
from reconciler.store.tokens import Token

_TOKEN = table(TokenRow)


def note(connection: Connection, who: Principal, deed: audit.Deed, time: str) -> None:
    """In the transaction of the connection."""

    def run(statement: str, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        done = connection.exec_driver_sql(statement, dict(values))
        return done.fetchall() if done.returns_rows else ()

    audit.append(run, who, deed, time)


def of_commit(edits: Sequence[Edit], revision: Revision | None, meta: RevisionMeta) -> audit.Deed:
    """`revision` None: it made none. All that it was about is told by its revision, so the target is in words."""
    manager = meta.manager or (source_manager(meta.source) if meta.source is not None else None)
    if len(edits) == 1:
        target = str(edits[0].key)
    else:
        target = f"{len(edits)} resources" if edits else "holds and sealed values"
    return audit.Deed(meta.operation, target, manager, revision.number if revision is not None else None)


def of_resume(sources: Sequence[str]) -> audit.Deed:
    return audit.Deed("resume", f"source {', '.join(sources)}")


def of_seals(count: int) -> audit.Deed:
    return audit.Deed("secret rotate-key", f"{count} {'value' if count == 1 else 'values'} of the vault")


def add_token(connection: Connection, token: Token, who: Principal, time: str) -> int:
    """How many there are then. Raises Refused where an active one has the name."""
    same = select(_TOKEN.c.id).where(_TOKEN.c.name == token.name, _TOKEN.c.revoked.is_(None))
    if connection.execute(same).first() is not None:
        raise Refused(
            f'there is a token called "{token.name}" already',
            hint="choose another name, or revoke that one first",
        )
    connection.execute(insert(_TOKEN), with_checksum("token", token.row()))
    note(connection, who, audit.Deed("token create", f"token {token.name} ({token.id})"), time)
    return int(connection.execute(select(func.count()).select_from(_TOKEN)).scalar_one())


def revoke_token(connection: Connection, token: Token, who: Principal, time: str) -> None:
    """One that was revoked before stays as it was."""
    row = with_checksum("token", replace(token, revoked=time).row())
    change = update(_TOKEN).where(_TOKEN.c.id == token.id, _TOKEN.c.revoked.is_(None))
    if connection.execute(change.values(row)).rowcount:
        note(connection, who, audit.Deed("token revoke", f"token {token.name} ({token.id})"), time)
