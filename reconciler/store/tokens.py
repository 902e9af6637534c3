"""Tokens of the management listener, as they are stored: hashed, and never removed, so that their ids stay explained."""

import json
from dataclasses import dataclass

from reconciler.resources.principal import Role
from reconciler.store.reader import Reader

COLUMNS = "id, name, hash, role, managers, namespaces, created, created_by, expires, revoked"


@dataclass(frozen=True, slots=True)
class Token:
    """`hash` is the SHA-256 of the whole text, as `sha256:` and digits. Times are timestamps; None: never.

    `managers` are names that it may apply as; `namespaces` None: all.
    """

    id: str
    name: str
    hash: str
    role: Role
    managers: tuple[str, ...]
    namespaces: tuple[str, ...] | None
    created: str
    created_by: str
    expires: str | None = None
    revoked: str | None = None

    def row(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "hash": self.hash,
            "role": self.role.value,
            "managers": json.dumps(self.managers),
            "namespaces": None if self.namespaces is None else json.dumps(self.namespaces),
            "created": self.created,
            "created_by": self.created_by,
            "expires": self.expires,
            "revoked": self.revoked,
        }

    def state(self, now: str) -> str:
        """In a word. `now` is a timestamp: those compare as texts."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


def tokens(reader: Reader) -> list[Token]:
    """All that ever were, the oldest first."""
    return [_token(*row) for row in reader.select(f"SELECT {COLUMNS} FROM token ORDER BY rowid")]  # noqa: S608  constants


def find_token(reader: Reader, token_id: str) -> Token | None:
    rows = reader.select(f"SELECT {COLUMNS} FROM token WHERE id = :id", {"id": token_id})  # noqa: S608  constants
    return _token(*rows[0]) if rows else None


def _token(  # noqa: PLR0913, PLR0917  the columns
    id_: str,
    name: str,
    hash_: str,
    role: str,
    managers: str,
    namespaces: str | None,
    created: str,
    created_by: str,
    expires: str | None,
    revoked: str | None,
) -> Token:
    return Token(
        id_,
        name,
        hash_,
        Role(role),
        tuple(json.loads(managers)),
        None if namespaces is None else tuple(json.loads(namespaces)),
        created,
        created_by,
        expires,
        revoked,
    )
