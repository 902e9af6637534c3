from reconciler.cli.token_output import token_json
from reconciler.resources.principal import Role
from reconciler.store.tokens import Token


def test_neither_a_text_nor_a_hash_is_shown() -> None:
    token = Token(
        "a" * 12, "ci", "sha256:0", Role.OPERATOR, ("git:acme",), ("a",), "2026-01-01T00:00:00Z", "local:ada"
    )
    assert token_json(token, "2026-06-01T00:00:00Z") == {
        "id": "a" * 12,
        "name": "ci",
        "role": "operator",
        "managers": ["git:acme"],
        "namespaces": ["a"],
        "created": "2026-01-01T00:00:00Z",
        "createdBy": "local:ada",
        "expires": None,
        "revoked": None,
        "state": "active",
    }
