"""What keeps a store in order, wherever it is: copies, old contents that go, looking for what is wrong, and its key.

`Upkeep` has two implementations, `bootstrap.upkeep.local.LocalUpkeep` and `remote.upkeep.RemoteUpkeep`. It is an admin's who
sees all namespaces, since each of its parts is about the whole store and where it lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from reconciler.control.rotation import Need
from reconciler.control.secret_search import Find
from reconciler.store.backup import Backup
from reconciler.store.compaction import Compaction, Keep

COPY = "application/vnd.sqlite3"
"""As what a copy travels."""
KEY_PLACE = "x-routerctl-key-place"
"""The header beside it that says where the key is which is not in it: percent-encoded UTF-8."""

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """`key`: where the store's key is looked for."""

    backup: Backup
    key: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `check` is what, in one word; `why` and `todo` are empty where nothing is wrong."""

    check: str
    level: Level
    message: str
    why: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """Where secrets stand that they should not. `secrets`: how many were looked for; the rest as `Known` and `Looked` say."""

    secrets: int
    found: tuple[Find, ...] = ()
    too_short: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """The `key` that values are sealed under from now on. `file`: where it was put in front; None: it stood there already,
    since a rotation was ended midway.
    """

    key: str
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """So many values were `written` under the `key`. `older`: there are other keys beside it; `needs`: what is sealed to them
    in manifests.
    """

    key: str
    written: int
    older: bool
    needs: tuple[Need, ...] = ()
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """The keys that left the `file`, or would; `key` stays. `closed` sealed fields of earlier revisions open no more."""

    file: Path
    key: str
    gone: tuple[str, ...] = ()
    closed: int = 0


class Upkeep(Protocol):
    """Every method raises RouterctlError: Forbidden for who is not admin of all, and what the store or the way there causes."""

    def back_up(self, target: Path, *, force: bool) -> BackedUp:
        """To a file where the command runs, whole and verified or not at all."""
        ...

    def prune(self, keep: Keep, *, dry_run: bool) -> Compaction: ...

    def examine(self, *, online: bool) -> Sequence[Finding]:
        """The machine that the store is on. `online`: providers are asked as well."""
        ...

    def search_secrets(self, counted: Callable[[int, int], None]) -> Searched:
        """`counted` is told how many files of how many are done, where that is known."""
        ...

    def rotate_key(self, noted: Callable[[Begun], None]) -> Rotated:
        """`noted` is told, before values are sealed again where that can be, what stands in front."""
        ...

    def drop_old_keys(self, *, dry_run: bool) -> Dropped:
        """Raises Refused where something that is stored now needs one."""
        ...
