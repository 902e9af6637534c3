"""How tokens are shown: never their texts, nor the hashes of them."""

from reconciler.json_types import JsonObject
from reconciler.store.tokens import Token


def token_json(token: Token, now: str) -> JsonObject:
    """`now` is a timestamp."""
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role.value,
        "managers": [*token.managers],
        "namespaces": None if token.namespaces is None else [*token.namespaces],
        "created": token.created,
        "createdBy": token.created_by,
        "expires": token.expires,
        "revoked": token.revoked,
        "state": token.state(now),
    }
