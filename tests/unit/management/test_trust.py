from contextlib import closing
from pathlib import Path

import pytest
from fakes.doors import TRUSTING, House, scope

from reconciler.json_types import JsonObject
from reconciler.management.credentials import Credential, Kind
from reconciler.management.trust import Trust, is_active, of_token, trust
from reconciler.resources.principal import Role

NOW = "2026-06-01T00:00:00Z"


def test_a_new_store_trusts_nobody(tmp_path: Path) -> None:
    house = House(tmp_path / "store.db")
    assert trust(house.reader) == Trust(None, {}, guarded=False)
    house.settings({"auth": {"dataPlane": "keys"}})
    assert trust(house.reader) == Trust(None, {}, guarded=False)


@pytest.mark.parametrize(
    "management", [TRUSTING["auth"], {"management": {"clientCertificates": {"ci": "viewer"}}}]
)
def test_whom_the_settings_name_it_trusts(tmp_path: Path, management: JsonObject) -> None:
    house = House(tmp_path / "store.db")
    house.settings({"auth": management})
    found = trust(house.reader)
    assert found.guarded
    assert (found.issuer is not None) is ("jwt" in str(management))
    shown = {**scope(), "extensions": {"tls": {"client_cert_names": ("other", "ci")}}}
    by = found.of_certificate(shown)
    assert (by.name if by is not None else None) == ("certificate:ci" if found.certificates else None)


def test_a_token_is_somebodys_as_long_as_it_counts(tmp_path: Path) -> None:
    house = House(tmp_path / "store.db")
    minted, token = house.token("ci", Role.ADMIN)
    sent = Credential(Kind.TOKEN, minted.text, minted.id)
    found = of_token(house.reader, sent, NOW)
    assert found is not None
    assert (found.name, found.role, found.token) == ("token:ci", Role.ADMIN, minted.id)
    assert trust(house.reader).guarded
    assert of_token(house.reader, Credential(Kind.TOKEN, minted.text + "x", minted.id), NOW) is None
    assert of_token(house.reader, Credential(Kind.TOKEN, minted.text, "a" * 12), NOW) is None
    assert is_active(house.reader, minted.id, NOW)
    with closing(house.writer()) as writer:
        writer.revoke_token(token)
    assert of_token(house.reader, sent, NOW) is None
    assert not is_active(house.reader, minted.id, NOW)
    assert not is_active(house.reader, "a" * 12, NOW)
