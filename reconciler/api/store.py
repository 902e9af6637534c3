"""All that is read of a store."""

from typing import Protocol

from reconciler.api.accounts import Accounts
from reconciler.api.records import Observing, Records
from reconciler.api.traffic import Traffic


class Store(Protocol):
    """On this machine, or a server's."""

    @property
    def records(self) -> Records: ...

    @property
    def observing(self) -> Observing: ...

    @property
    def traffic(self) -> Traffic: ...

    @property
    def accounts(self) -> Accounts: ...
