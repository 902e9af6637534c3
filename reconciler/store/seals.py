"""The vault, as a transaction of the writer sees it."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, func, select, update

from reconciler.store import codec
from reconciler.store.checksums import with_checksum
from reconciler.store.records import VaultEntry
from reconciler.store.tables import VaultRow, VersionRow, table

_VAULT = table(VaultRow)
_VERSION = table(VersionRow)


def all_there(connection: Connection, revision: int) -> bool:
    """Whether the vault holds what `revision` names. A compaction moves no head, and may have removed a sealed value that
    the revision was planned with.
    """
    columns = _VERSION.c
    query = select(columns.body).where(columns.valid_from == revision, columns.body.contains('"sealed":"v-'))
    named = {name for body in connection.scalars(query) for name in codec.named_seals(body)}
    if not named:
        return True
    listed = func.json_each(json.dumps(sorted(named))).table_valued("value")
    there = connection.scalars(select(_VAULT.c.id).where(_VAULT.c.id.in_(select(listed.c.value))))
    return not named.difference(there)


def rewrite(connection: Connection, entries: Sequence[tuple[VaultEntry, VaultEntry]]) -> int:
    """Each entry in another's place, both of one id; how many were written. One that is not as it was is left alone."""
    if any((old.id, old.place) != (new.id, new.place) for old, new in entries):
        raise ValueError("a sealed value keeps its id and its place")
    written = 0
    for old, new in entries:
        where = (_VAULT.c.id == old.id) & (_VAULT.c.ciphertext == old.ciphertext)
        row = with_checksum("vault", asdict(new))
        written += connection.execute(update(_VAULT).where(where).values(row)).rowcount
    return written
