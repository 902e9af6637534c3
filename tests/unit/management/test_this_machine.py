import pytest
from fakes.doors import OWN_UID, scope

from reconciler.management.this_machine import Machine


def test_our_own_user_and_root_are_known() -> None:
    for uid in (OWN_UID, 0):
        found = Machine(OWN_UID, lambda client, server, uid=uid: uid).user(scope())  # type: ignore[misc]  # bound
        assert found is not None
        assert found.is_local


def test_others_are_nobody() -> None:
    for uid in (OWN_UID + 1, None):
        assert Machine(OWN_UID, lambda client, server, uid=uid: uid).user(scope()) is None  # type: ignore[misc]  # bound
    known = Machine(OWN_UID, lambda client, server: OWN_UID)
    for asked in (
        scope(client="192.0.2.7"),
        scope(server="192.0.2.7"),
        scope(("Forwarded", "for=::1")),
        {**scope(), "server": None},
    ):
        assert known.user(asked) is None


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError

    monkeypatch.setattr("reconciler.management.this_machine.pwd.getpwuid", nobody)
    found = Machine(OWN_UID, lambda client, server: OWN_UID).user(scope())
    assert found is not None
    assert found.name == f"local:{OWN_UID}"
    assert Machine.this().own_uid >= 0
