"""Who carries it out: a port, which bootstrap fills."""

from collections.abc import Callable
from typing import BinaryIO, Protocol

from reconciler.api.upkeep import Upkeep
from reconciler.resources.principal import Principal
from reconciler.store.backup import Backup


class Copied(Protocol):
    """A verified copy: gone when it is closed."""

    @property
    def stream(self) -> BinaryIO: ...
    @property
    def backup(self) -> Backup: ...
    @property
    def key(self) -> str: ...
    def close(self) -> None: ...


class Keeper(Upkeep, Protocol):
    def copy(self) -> Copied:
        """Of all of the store, as it is now. Blocks; raises RouterctlError."""
        ...


KeeperOf = Callable[[Principal], Keeper]
"""In the name of who asks."""
