"""What the global options say, for the command that runs."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from reconciler.clock import Clock, SystemClock
from reconciler.settings import store_url
from reconciler.store.url import StoreLocation, parse


@dataclass(frozen=True)
class Session:
    """`db` is what `--db` said. The environment is given, so that a test can give another."""

    environ: Mapping[str, str]
    db: str | None = None
    namespace: str | None = None
    verbose: int = 0
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def location(self) -> StoreLocation:
        """Where the store is. Raises StoreError for a URL that names none."""
        return parse(store_url(self.environ, self.db))

    @property
    def program(self) -> str:
        """How a command that is suggested begins, so that it works on the same store when it is pasted."""
        return f"routerctl --db {shlex.quote(self.db)}" if self.db else "routerctl"

    @property
    def state_folder(self) -> Path:
        """The folder of the store's files: key, secrets and reports lie there too."""
        return self.location.config_path.parent
