"""Where a store lies: `sqlite:///relative`, `sqlite:////absolute`, or just a path."""

import os
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import StoreError

_HINT = "write sqlite:///relative/path, sqlite:////absolute/path, or just the path"


@dataclass(frozen=True, slots=True)
class StoreLocation:
    """The two files of a store: configuration, and what workers observed."""

    config_path: Path
    records_path: Path

    @property
    def traffic_path(self) -> Path:
        """Beside them, the records of requests: what serves never waits for what records, nor the reverse."""
        return self.config_path.with_name(f"{self.config_path.stem}-traffic{self.config_path.suffix}")

    @property
    def memory_path(self) -> Path:
        """Beside them, what was read of manifests: it may be deleted at any time."""
        return self.config_path.with_name(f"{self.config_path.stem}-files{self.config_path.suffix}")

    @property
    def url(self) -> str:
        return f"sqlite:///{self.config_path}"


def parse(url: str, *, folder: Path | None = None) -> StoreLocation:
    """`folder` is what relative paths start from: the working directory, unless given.

    The real path, so that a store has one file of records by whatever name it is reached.
    Raises StoreError. A URL may hold a password, so a message names its scheme and nothing else of it.
    """
    path = Path(_path(url)).expanduser()
    config = Path(os.path.realpath((folder or Path.cwd()) / path))
    return StoreLocation(config, config.with_name(f"{config.stem}-records{config.suffix}"))


def _path(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        if not url.strip():
            raise StoreError("the store's URL is empty", hint=_HINT)
        return url
    dialect = scheme.lower().partition("+")[0]
    if dialect in {"postgresql", "postgres"}:
        raise StoreError("PostgreSQL is not supported by this version", hint="use a SQLite store: " + _HINT)
    if scheme.lower() != "sqlite":
        raise StoreError(f"a store of type {scheme!r} is not supported", hint=_HINT)
    if not rest.startswith("/") or not rest.strip("/"):
        raise StoreError("the store's URL names no file", hint=_HINT)
    if rest == "/:memory:" or "?" in rest:
        raise StoreError("a store is a plain file: no :memory:, no options in its URL", hint=_HINT)
    return rest[1:]
