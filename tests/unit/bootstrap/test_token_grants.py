from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.workshop import Workshop, remote
from fakes.writing import here, someone, there

from reconciler.api.writes import Grant, Granted
from reconciler.errors import Forbidden, InvalidInput, NotFound, Refused
from reconciler.resources.principal import Role
from reconciler.secrets.key_text import is_of
from reconciler.store.tokens import find_token


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def grant(shop: Workshop, *arguments: object, **named: object) -> Granted:
    return here(shop).create_token(Grant(*arguments, **named))  # type: ignore[arg-type]  # its own fields


def test_a_token_is_made_once_and_kept_as_a_hash(shop: Workshop) -> None:
    made = grant(shop, "ci", Role.OPERATOR, ("git:b", "git:a", "git:a"), ("t",), "2027-01-01T00:00:00Z")
    stored = find_token(shop.reader, made.token.id)
    assert stored == made.token
    assert is_of(made.text, stored.hash)
    assert (stored.managers, stored.namespaces, stored.role) == (("git:a", "git:b"), ("t",), Role.OPERATOR)
    with pytest.raises(Refused, match="already"):
        grant(shop, "ci")
    with pytest.raises(InvalidInput):
        grant(shop, "-ci")


def test_nobody_gives_more_than_they_have(shop: Workshop) -> None:
    limited = there(shop, someone(Role.ADMIN, "git:a", namespaces=["a"]))
    made = limited.create_token(Grant("mine", Role.ADMIN, ("git:a",), ("a",)))
    assert made.token.created_by == "token:ci"
    for asked in (
        Grant("x"),
        Grant("x", namespaces=("b",)),
        Grant("x", managers=("git:b",), namespaces=("a",)),
    ):
        with pytest.raises(Forbidden):
            limited.create_token(asked)
    with pytest.raises(Forbidden):
        there(shop, someone(Role.OPERATOR)).create_token(Grant("x"))
    for by in (here(shop), limited):
        with pytest.raises(InvalidInput, match="no namespace"):
            by.create_token(Grant("x", namespaces=()))


def test_who_is_limited_sees_and_revokes_no_more(shop: Workshop) -> None:
    grant(shop, "all")
    mine = grant(shop, "mine", namespaces=("a",)).token
    limited = there(shop, someone(Role.ADMIN, namespaces=["a", "b"]))
    assert [token.name for token in limited.tokens()] == ["mine"]
    assert [token.name for token in here(shop).tokens()] == ["all", "mine"]
    with pytest.raises(NotFound):
        limited.revoke_tokens(["all"])
    assert limited.revoke_tokens([mine.id]) == (mine,)
    assert grant(shop, "mine", namespaces=("a",)).token.revoked is None
    assert here(shop).revoke_tokens(["mine"])[0].id != mine.id
    assert here(shop).revoke_tokens(["mine"])
    with pytest.raises(Forbidden):
        there(shop, someone(Role.OPERATOR)).tokens()


def test_the_first_token_cuts_off_nobody_without_a_word(shop: Workshop) -> None:
    shop.write("a.yaml", remote(host="10.0.0.1"))
    shop.apply()
    with pytest.raises(Refused, match="would cut off Providers:\n  Provider/far: 10"):
        grant(shop, "ci")
    found = here(shop).first_cuts_off()
    assert found is not None
    assert list(found.providers)
    made = grant(shop, "ci", keep=True)
    assert made.allowed == 2
    assert here(shop).first_cuts_off() is None


def test_or_does_where_somebody_says_so(shop: Workshop) -> None:
    shop.write("a.yaml", remote(host="10.0.0.1"))
    shop.apply()
    assert grant(shop, "ci", keep=False).allowed is None
    assert shop.reader.head() == 1
