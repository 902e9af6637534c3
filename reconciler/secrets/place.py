"""Where a secret lives: what its ciphertext is bound to."""

from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """Where a secret lives. `field` is its path in the resource: spec.config.apiKey."""

    namespace: str
    kind: str
    name: str
    field: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.name}/{self.field}"


def packed(names: Iterable[str]) -> bytes:
    """Each part with its length before it: no two places give the same bytes, whatever their names hold."""
    parts = [part.encode() for part in names]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
