"""What the global options say, for the command that runs."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.bootstrap.callers import this_user
from reconciler.clock import Clock, SystemClock
from reconciler.late import late
from reconciler.resources.principal import Principal
from reconciler.settings import DB, SERVER, store_url
from reconciler.store.url import StoreLocation, parse

if TYPE_CHECKING:
    from reconciler.remote import connection
    from reconciler.remote import server as remote
    from reconciler.remote import store as remote_store
    from reconciler.remote.connection import Connection
    from reconciler.remote.server import Told
    from reconciler.remote.store import RemoteStore
else:
    connection = late("reconciler.remote.connection")
    remote = late("reconciler.remote.server")
    remote_store = late("reconciler.remote.store")


@dataclass(frozen=True)
class Session:
    """`db` is what `--db` said. The environment is given, so that a test can give another.

    `told` is the server that commands ask instead of a store on this machine; None: the store is here.
    """

    environ: Mapping[str, str]
    db: str | None = None
    namespace: str | None = None
    verbose: int = 0
    clock: Clock = field(default_factory=SystemClock)
    told: "Told | None" = None
    acting_as: str | None = None

    @property
    def is_remote(self) -> bool:
        """Whether a server is asked. Then there is no `location`, and no key, on this machine."""
        return self.told is not None

    @cached_property
    def location(self) -> StoreLocation:
        """Where the store is. Raises StoreError for a URL that names none, and UsageError where a server is meant: what
        asks for it works on this machine alone.
        """
        if self.told is not None:
            raise click.UsageError(self._not_here())
        return parse(store_url(self.environ, self.db))

    @cached_property
    def connection(self) -> "Connection":
        """To the server; only where is_remote. Raises RouterctlError for what can't be asked."""
        if self.told is None:
            raise RuntimeError("no server was given")
        return connection.Connection(remote.server_of(self.told, self.environ), clock=self.clock)

    @cached_property
    def asked(self) -> "RemoteStore":
        """The server's store, to be read; only where is_remote."""
        return remote_store.RemoteStore(self.connection)

    def close(self) -> None:
        """Of what was opened by itself."""
        opened = self.__dict__.get("connection")
        if opened is not None:
            opened.close()

    @property
    def caller(self) -> Principal:
        """Who works on the store's file."""
        return replace(this_user(), acting_as=self.acting_as)

    @property
    def program(self) -> str:
        """How a command that is suggested begins, so that it works on the same store when it is pasted."""
        if self.told is not None:
            told = [("--server", self.told.url), *self.told.files]
            return " ".join(["routerctl", *(f"{flag} {shlex.quote(value)}" for flag, value in told)])
        return f"routerctl --db {shlex.quote(self.db)}" if self.db else "routerctl"

    @property
    def begin_serving(self) -> str:
        """The command that does it; of a server's store, somebody there says it."""
        return "routerctl up, where the store is" if self.told is not None else f"{self.program} up"

    @property
    def state_folder(self) -> Path:
        """The folder of the store's files: key, secrets and reports lie there too."""
        return self.location.config_path.parent

    def _not_here(self) -> str:
        context = click.get_current_context(silent=True)
        verb = context.command_path.partition(" ")[2] if context is not None else ""
        way = f"give --db, or unset {SERVER}" if self.environ.get(SERVER) else "leave --server out"
        return f"{verb or 'this'} works on a store of this machine, not on a server's: {way} ({DB} names a store, too)"
