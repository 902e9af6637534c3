from pathlib import Path

import pytest
from fakes.store import open_writer

from reconciler.errors import Refused
from reconciler.resources.principal import Role
from reconciler.store.reader import Reader
from reconciler.store.tokens import Token, find_token, tokens

CI = Token(
    "a" * 12,
    "ci",
    "sha256:0",
    Role.OPERATOR,
    ("git:acme",),
    ("team-a",),
    "2026-01-01T00:00:00Z",
    "local:ada",
    "2027-01-01T00:00:00Z",
)


def test_a_token_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    other = Token("b" * 12, "other", "sha256:1", Role.VIEWER, (), None, "2026-01-01T00:00:00Z", "local:ada")
    with open_writer(path) as writer, Reader(path) as reader:
        assert (reader.guarded(), tokens(reader)) == (False, [])
        writer.add_token(CI)
        writer.add_token(other)
        assert tokens(reader) == [CI, other]
        assert find_token(reader, CI.id) == CI
        assert find_token(reader, "' OR 1=1 --") is None
        writer.revoke_token(CI)
        found = find_token(reader, CI.id)
        assert found is not None
        assert (found.revoked, found.name, reader.guarded()) == ("2026-01-01T00:00:03Z", "ci", True)


def test_a_name_is_one_active_tokens(tmp_path: Path) -> None:
    with open_writer(tmp_path / "store.db") as writer:
        writer.add_token(CI)
        again = Token("b" * 12, "ci", "sha256:1", Role.VIEWER, (), None, "2026", "local:ada")
        with pytest.raises(Refused, match='a token called "ci" already'):
            writer.add_token(again)
        writer.revoke_token(CI)
        writer.add_token(again)


def test_a_state_is_a_word() -> None:
    assert CI.state("2026-06-01T00:00:00Z") == "active"
    assert CI.state("2027-01-01T00:00:00Z") == "expired"
    assert "hash" in CI.row()
