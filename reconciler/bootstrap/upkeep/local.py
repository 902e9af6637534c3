"""The upkeep of a store on this machine, in the name of somebody."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.api.upkeep import BackedUp, Begun, Dropped, Finding, Rotated, Searched
from reconciler.bootstrap.permitting import check_everywhere
from reconciler.bootstrap.upkeep import copying
from reconciler.bootstrap.upkeep.copying import Copied
from reconciler.clock import Clock, timestamp
from reconciler.control.permission import require
from reconciler.errors import InvalidInput, StoreError, one_line
from reconciler.late import late
from reconciler.resources.principal import Principal, Role
from reconciler.settings import Reach
from reconciler.store.compaction import Compaction, Keep, compact, preview
from reconciler.store.records import Revision
from reconciler.store.url import StoreLocation

if TYPE_CHECKING:
    from reconciler.bootstrap.doctor import examine
    from reconciler.bootstrap.upkeep import rotating, searching
else:
    examine = late("reconciler.bootstrap.doctor.examine")
    rotating = late("reconciler.bootstrap.upkeep.rotating")
    searching = late("reconciler.bootstrap.upkeep.searching")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalUpkeep:
    """Fits api.upkeep.Upkeep, and management.upkeep.keepers.Keeper.

    `program` is how a command that is suggested begins; `beside`: what secrets are looked for in beside the store's own files;
    `served`: a server does it, for who asks it.
    """

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    who: Principal
    reach: Reach
    program: str
    beside: Sequence[Path] = ()
    served: bool = False

    def back_up(self, target: Path, *, force: bool) -> BackedUp:
        """Also where the store takes no note of it: on a full disk copies are made elsewhere."""
        self._check()

        def noted(head: Revision) -> None:
            try:
                self._note_copy(head)
            except StoreError as error:
                _log.warning("the audit does not tell of this backup: %s", one_line(error.message))

        return copying.to_file(self.location, target, self.environ, noted, force=force)

    def copy(self) -> Copied:
        """To be sent away. Not without a note of it."""
        self._check()
        return copying.to_send(self.location, self.environ, self._note_copy)

    def prune(self, keep: Keep, *, dry_run: bool) -> Compaction:
        """Raises InvalidInput where it is not said what is kept."""
        self._check()
        keep, path = _said(keep), self.location.config_path
        return preview(path, keep) if dry_run else compact(path, keep, by=self.who, clock=self.clock)

    def examine(self, *, online: bool) -> Sequence[Finding]:
        self._check()
        examination = examine.Examination(
            self.location,
            self.environ,
            self.reach,
            self.clock,
            self.program,
            online=online,
            served=self.served,
        )
        return [*examination.findings()]

    def search_secrets(self, counted: Callable[[int, int], None]) -> Searched:
        self._check()
        search = searching.SecretSearch(self.location, self.environ, self.reach, self.beside)
        return search.run(counted)

    def rotate_key(self, noted: Callable[[Begun], None]) -> Rotated:
        self._check()
        return self._rotation().rotate(noted)

    def drop_old_keys(self, *, dry_run: bool) -> Dropped:
        self._check()
        return self._rotation().drop(dry_run=dry_run)

    def _check(self) -> None:
        require(self.who, Role.ADMIN)
        check_everywhere(self.who)

    def _note_copy(self, head: Revision) -> None:
        copying.note(self.location, self.who, self.clock)(head)

    def _rotation(self) -> "rotating.KeyRotation":
        return rotating.KeyRotation(self.location, self.environ, self.clock, self.who)


def _said(keep: Keep) -> Keep:
    """With its time as the store writes times. Raises InvalidInput: without a word all but the head would go."""
    if keep.revisions is None and keep.since is None:
        raise InvalidInput("what is kept is not said: revisions, or since")
    if keep.revisions is not None and keep.revisions < 1:
        raise InvalidInput("the newest revision is always kept: revisions is 1 or more")
    if keep.since is None:
        return keep
    try:
        return replace(keep, since=timestamp(_moment(keep.since)))
    except (ValueError, OverflowError):
        raise InvalidInput("since is a time: 2026-11-01T12:00:00Z") from None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("of no zone")
    return found
