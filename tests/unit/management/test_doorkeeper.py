import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes.doors import OWN_UID, TRUSTING, GivenKeys, House, bearer, claims, scope, signed

from reconciler.errors import Unreachable
from reconciler.listener.access import Access, AccessRefused
from reconciler.management.doorkeeper import REHEARSAL, principal
from reconciler.resources.principal import Principal, Role
from reconciler.secrets.key_text import mint


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "store.db", GivenKeys())


def let_in(house: House, asked: dict[str, Any], access: Access = Access.VIEWER) -> Principal:
    asyncio.run(house.door.check(asked, access))
    return principal(asked)


def refused(house: House, asked: dict[str, Any], access: Access = Access.VIEWER) -> tuple[int, str]:
    with pytest.raises(AccessRefused) as caught:
        asyncio.run(house.door.check(asked, access))
    assert ("www-authenticate" in caught.value.headers()) is (caught.value.verdict.status == 401)
    return caught.value.verdict.status, caught.value.verdict.code


@pytest.mark.parametrize("uid", [OWN_UID, 0])
def test_without_a_token_it_is_the_machines_own_user(house: House, uid: int) -> None:
    house.uid = uid
    found = let_in(house, scope(("X-Routerctl-As", "Ada")), Access.ADMIN)
    assert (found.name.startswith("local:"), found.role, found.is_local) == (True, Role.ADMIN, True)
    assert (found.address, found.acting_as) == ("127.0.0.1", "Ada")
    encoded = let_in(house, scope(("X-Routerctl-As", "J%C3%BCrgen 100%25")))
    assert encoded.acting_as == "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen 100%"


@pytest.mark.parametrize("name", ["", "x" * 200, "a\x01b"])
def test_what_somebody_says_to_be_is_short_and_printable(house: House, name: str) -> None:
    assert let_in(house, scope(("X-Routerctl-As", name))).acting_as is None


@pytest.mark.parametrize(
    ("uid", "asked"),
    [
        (1001, scope()),
        (None, scope()),
        (OWN_UID, scope(client="192.0.2.7")),
        (OWN_UID, scope(server="192.0.2.7")),
        (OWN_UID, {**scope(), "client": None}),
        (OWN_UID, scope(("X-Forwarded-For", "127.0.0.1"))),
        (OWN_UID, scope(("Via", "1.1 proxy"))),
    ],
)
def test_nobody_else_is(house: House, uid: int | None, asked: dict[str, Any]) -> None:
    house.uid = uid
    assert refused(house, asked) == (401, "not_this_user")


def test_as_soon_as_there_was_a_token_everybody_needs_one(house: House) -> None:
    stays = let_in(house, scope())
    assert house.door.holds(stays)
    minted, token = house.token()
    assert not house.door.holds(stays)
    assert refused(house, scope()) == (401, "token_required")
    assert let_in(house, scope(bearer(minted.text))).name == "token:ci"
    with closing(house.writer()) as writer:
        writer.revoke_token(token)
    assert refused(house, scope()) == (401, "token_required")


def test_a_token_says_what_it_may(house: House) -> None:
    minted, _ = house.token("ops", Role.OPERATOR, managers=["git:acme"], namespaces=["team-a"])
    found = let_in(house, scope(bearer(minted.text), client="192.0.2.7"))
    assert (found.role, found.managers, found.namespaces) == (
        Role.OPERATOR,
        frozenset({"git:acme"}),
        frozenset({"team-a"}),
    )
    assert (found.sees("team-a"), found.sees("default"), found.address) == (True, False, "192.0.2.7")
    assert found.own_manager == "api:token:ops"


ROLES = [(role, access) for role in Role for access in (Access.VIEWER, Access.OPERATOR, Access.ADMIN)]


@pytest.mark.parametrize(("role", "access"), ROLES)
def test_a_role_covers_those_below_it(house: House, role: Role, access: Access) -> None:
    minted, _ = house.token("t", role)
    if role.covers(Role(access.value)):
        assert let_in(house, scope(bearer(minted.text)), access).role is role
    else:
        assert refused(house, scope(bearer(minted.text)), access) == (403, "role_too_low")


def test_what_was_revoked_or_has_expired_is_refused_from_then_on(house: House) -> None:
    minted, token = house.token("a")
    ending, _ = house.token("b", expires="2026-06-01T00:00:10Z")
    stays = [let_in(house, scope(bearer(text))) for text in (minted.text, ending.text)]
    assert [house.door.holds(each) for each in stays] == [True, True]
    house.clock.pass_(seconds=10)
    with closing(house.writer()) as writer:
        writer.revoke_token(token)
    assert [house.door.holds(each) for each in stays] == [False, False]
    for text in (minted.text, ending.text):
        assert refused(house, scope(bearer(text))) == (401, "not_authenticated")


def test_a_token_counts_as_a_whole(house: House) -> None:
    minted, _ = house.token()
    other = mint("rt")
    mixed = f"rt-{minted.id}-{other.text.rpartition('-')[2]}"
    for text in (
        mixed,
        other.text,
        minted.text[:-1],
        minted.text + "x",
        minted.text.replace("rt-", "rk-", 1)[3:],
    ):
        assert refused(house, scope(bearer(text))) == (401, "not_authenticated")


@pytest.mark.parametrize("access", [Access.OPEN, Access.SIGNED, Access.VIEWER, Access.ADMIN])
@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_a_key_of_the_data_plane_does_nothing_here(house: House, access: Access, header: str) -> None:
    text = mint("rk").text
    value = f"Bearer {text}" if header == "Authorization" else text
    assert refused(house, scope((header, value)), access) == (403, "data_plane_key")


def test_what_is_open_asks_nobody(house: House) -> None:
    house.token()
    for access in (Access.OPEN, Access.SIGNED):
        asked = scope(bearer("nonsense"))
        asyncio.run(house.door.check(asked, access))
        with pytest.raises(KeyError):
            principal(asked)
    with pytest.raises(TypeError):
        principal({"routerctl.principal": "ada"})


def test_tokens_of_an_issuer_are_let_in(house: House) -> None:
    assert refused(house, scope(bearer(signed()))) == (401, "not_authenticated")  # nobody is trusted yet
    house.settings(TRUSTING)
    found = let_in(house, scope(bearer(signed())), Access.OPERATOR)
    assert (found.name, found.role, found.token) == ("jwt:ada", Role.OPERATOR, None)
    assert refused(house, scope()) == (401, "token_required")
    assert refused(house, scope(bearer(signed(claims(aud="else"))))) == (401, "not_authenticated")
    assert house.door.holds(found)
    house.clock.pass_(days=9999)
    assert not house.door.holds(found)


def test_an_issuer_that_is_gone_is_told_apart(tmp_path: Path) -> None:
    class Gone:
        def find(self, place: str, kid: str) -> None:
            raise Unreachable("gone")

    house = House(tmp_path / "store.db", Gone())
    house.settings(TRUSTING)
    assert refused(house, scope(bearer(signed()))) == (503, "issuer_unreachable")


def test_a_client_certificate_names_somebody(house: House) -> None:
    house.settings({"auth": {"management": {"clientCertificates": {"ci.acme.example": "operator"}}}})
    shown = {**scope(), "extensions": {"tls": {"client_cert_names": ("ci.acme.example",)}}}
    found = let_in(house, shown, Access.OPERATOR)
    assert (found.name, house.door.holds(found)) == ("certificate:ci.acme.example", True)
    other = {**scope(), "extensions": {"tls": {"client_cert_names": ("eve.acme.example",)}}}
    assert refused(house, other) == (401, "token_required")
    house.settings({"auth": {"management": {"clientCertificates": {"ci.acme.example": "viewer"}}}})
    assert not house.door.holds(found)
    house.settings({"auth": {"management": {"clientCertificates": {"eve.acme.example": "operator"}}}})
    assert not house.door.holds(found)


def test_refused_writes_are_written_down_and_reads_are_not(house: House) -> None:
    minted, _ = house.token("watch")
    refused(house, scope())
    refused(house, scope(method="POST", path="/hooks/git"), Access.ADMIN)
    refused(house, scope(bearer(minted.text), method="DELETE"), Access.ADMIN)
    assert [(name, deed.operation, deed.target, deed.outcome) for name, deed in house.noted] == [
        ("unknown", "POST", "/hooks/git", "refused: 401 token_required"),
        ("token:watch", "DELETE", "/status", "refused: 403 role_too_low"),
    ]


def test_so_is_what_is_refused_behind_the_door(house: House) -> None:
    minted, _ = house.token("ops", Role.OPERATOR)
    for method, more in (("POST", {}), ("POST", {REHEARSAL: True}), ("GET", {})):
        asked = {**scope(bearer(minted.text), method=method, path="/v1/apply"), **more}
        let_in(house, asked)
        asyncio.run(house.door.note(asked, "403 forbidden: not there"))
    asyncio.run(house.door.note(scope(method="POST", path="/x"), "403 forbidden: nobody"))
    assert [(name, deed.operation, deed.target, deed.outcome) for name, deed in house.noted] == [
        ("token:ops", "POST", "/v1/apply", "refused: 403 forbidden: not there"),
        ("unknown", "POST", "/x", "refused: 403 forbidden: nobody"),
    ]
