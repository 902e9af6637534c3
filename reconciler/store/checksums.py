"""A checksum of what the chain of digests does not sign.

A revision's digest signs the contents of what it changed, and all that the revision says of itself. Who owns a field, where
a resource was declared, uids, the vault, holds and counters are not content, and some of them move without a revision;
so each of their rows bears a checksum of its own. It has no key: it finds damage and edits by hand, and not
somebody who computes it anew. Against that, only the chain proves, with a head digest that is kept elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping

UNSIGNED: Mapping[str, tuple[str, ...]] = {
    "version": ("resource_version", "uid", "generation", "created", "managed_fields", "source", "path"),
    "ownership": ("resource_version", "until", "managed_fields", "source", "path"),
    "vault": ("id", "place", "ciphertext", "fingerprint", "key_id"),
    "hold": ("kind", "namespace", "name", "source", "declared", "revision"),
    "meta": ("key", "value"),
    "token": (
        "id",
        "name",
        "hash",
        "role",
        "managers",
        "namespaces",
        "created",
        "created_by",
        "expires",
        "revoked",
    ),
}
"""The columns of each table that its `checksum` covers, in that order."""

SQL_FUNCTION = "row_checksum"
"""`checksum` under this name is what the migration to schema 2 calls."""


def checksum(table: str, *values: str | bytes | int | None) -> str:
    """Over the values of UNSIGNED; part of the stored form, so it never changes."""
    plain = [value.hex() if isinstance(value, bytes) else value for value in values]
    text = json.dumps([table, *plain], separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def with_checksum(table: str, row: Mapping[str, object]) -> dict[str, object]:
    return {**row, "checksum": row_checksum(table, row)}


def row_checksum(table: str, row: Mapping[str, object]) -> str:
    """Of a row that has at least the columns of UNSIGNED. Raises TypeError for a value that no column holds."""
    values: list[str | bytes | int | None] = []
    for column in UNSIGNED[table]:
        value = row[column]
        if value is not None and not isinstance(value, str | bytes | int):
            raise TypeError(f"the column {column} holds no {type(value).__name__}")
        values.append(value)
    return checksum(table, *values)
