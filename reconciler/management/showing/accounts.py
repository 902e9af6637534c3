"""The accounts of a store, which are of all its namespaces."""

from collections.abc import Sequence

from reconciler.api.accounts import Accounts, Verified
from reconciler.management.showing.seeing import require_everywhere
from reconciler.resources.principal import Principal
from reconciler.store.audit import AuditRow


class ShownAccounts:
    """Fits api.accounts.Accounts. They are of the whole store."""

    def __init__(self, accounts: Accounts, who: Principal) -> None:
        self._accounts = accounts
        self._who = who

    def audit(self, limit: int | None = None, principal: str | None = None) -> Sequence[AuditRow]:
        require_everywhere(self._who, "the audit")
        return self._accounts.audit(limit, principal)

    def verified(self, head: str | None = None) -> Verified:
        require_everywhere(self._who, "the proof of the whole record")
        return self._accounts.verified(head)

    def public_key(self) -> str:
        """Everybody's: whoever has it can seal values, and open none."""
        return self._accounts.public_key()
