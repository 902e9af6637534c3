from collections.abc import Sequence

import pytest

from reconciler.api.accounts import Verified
from reconciler.errors import Forbidden
from reconciler.management.showing.accounts import ShownAccounts
from reconciler.resources.principal import Principal, Role
from reconciler.store.audit import AuditRow
from reconciler.store.records import EMPTY_STORE

DONE = Verified(EMPTY_STORE, (), 0, 0, 0, 0, None)


class Told:
    def audit(self, limit: int | None = None, principal: str | None = None) -> Sequence[AuditRow]:
        assert (limit, principal) == (5, "local:ada")
        return ()

    def verified(self, head: str | None = None) -> Verified:
        assert head == "sha256:1"
        return DONE

    def public_key(self) -> str:
        return "p1-x"


def test_they_are_of_the_whole_store() -> None:
    shown = ShownAccounts(Told(), Principal("token:ada", Role.OPERATOR))
    assert shown.audit(5, "local:ada") == ()
    assert shown.verified("sha256:1") is DONE
    limited = ShownAccounts(Told(), Principal("token:bob", Role.ADMIN, namespaces=frozenset({"a"})))
    with pytest.raises(Forbidden, match="the audit"):
        limited.audit()
    with pytest.raises(Forbidden, match="the proof of the whole record"):
        limited.verified()
    assert limited.public_key() == "p1-x"
