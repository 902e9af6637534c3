"""When to reconcile: at an edit, at an interval, and never twice at once.

Both are hints alone: a reconcile reads everything again, so a missed event costs the time until the next resync, and
ten events cost one reconcile.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, awatch

from reconciler.control.backoff import Backoff, Pace
from reconciler.control.reconcile import Result
from reconciler.late import load_all

DEBOUNCE_MS = 100
"""Edits this close together are one."""
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 60.0
"""After a reconcile that failed. An edit is looked at whenever it comes."""
_STEP_MS = 20
_LOOK_AGAIN_MS = 500
"""How soon a folder that was replaced by another is noticed."""
_TRY_AGAIN_SECONDS = 60.0
"""After the system refused a watch, as where too many are open."""
_BUG = 70

_log = logging.getLogger(__name__)


class ReconcileLoop:
    """Runs `reconcile` in a thread, one at a time; what is asked meanwhile becomes one more run.

    `resync_seconds`: how long it waits for being asked; where that changes, it is looked up after each run.
    """

    def __init__(
        self,
        reconcile: Callable[[], Result],
        report: Callable[[Result], None],
        *,
        resync_seconds: float | Callable[[], float],
    ) -> None:
        self._reconcile = reconcile
        self._report = report
        self._resync_seconds = resync_seconds
        self._due = asyncio.Event()
        self._ended = False

    def request(self) -> None:
        self._due.set()

    def end(self) -> None:
        """`run` returns, after the reconcile that is under way: a transaction is finished, not left."""
        self._ended = True
        self._due.set()

    async def once(self) -> Result:
        """Never raises for a bug of the reconcile: that is a Result as well, and what is stored goes on being served.

        `report` is called in the thread.
        """
        self._due.clear()
        return await asyncio.to_thread(self._reconciled)

    def _reconciled(self) -> Result:
        try:
            result = self._reconcile()
        except Exception as error:  # noqa: BLE001  its message may hold what must not be told
            _log.debug("a bug in a reconcile", exc_info=True)
            result = Result("", error=f"a bug in routerctl ({type(error).__name__})", exit_code=_BUG)
        self._report(result)
        return result

    def _pause(self) -> float:
        return self._resync_seconds() if callable(self._resync_seconds) else self._resync_seconds

    async def run(self) -> None:
        """Until `end`. What a later run may need is loaded now."""
        await asyncio.to_thread(load_all)
        while not self._ended:
            try:
                async with asyncio.timeout(self._pause()):
                    await self._due.wait()
            except TimeoutError:
                pass
            if not self._ended:
                await self.once()


def backing_off(
    reconcile: Callable[[], Result],
    report: Callable[[Result], None],
    *,
    resync_seconds: float,
    chance: Callable[[], float],
) -> ReconcileLoop:
    """A loop that tries again soon after a failure, and less and less often while it lasts; see backoff for `chance`."""
    first, most = min(resync_seconds, FIRST_RETRY_SECONDS), max(resync_seconds, LONGEST_RETRY_SECONDS)
    pace = Pace(resync_seconds, Backoff(first, most, chance))

    def paced(result: Result) -> None:
        pace.note(failed=result.failed)
        report(result)

    return ReconcileLoop(reconcile, paced, resync_seconds=pace.seconds)


@dataclass(frozen=True, slots=True)
class _Place:
    """What is watched for a path, and which inode it was."""

    path: Path
    recursive: bool
    inode: int


async def watch(paths: Sequence[str], changed: Callable[[], None], *, ignored: Collection[str] = ()) -> None:
    """Calls `changed` once the watch stands, and then at every edit below `paths`, until cancelled.

    `ignored` are beginnings of paths: a store may lie among its manifests.
    """
    hidden = _real(ignored)
    async with asyncio.TaskGroup() as group:
        for path in paths:
            group.create_task(_watch_path(_absolute(path), changed, hidden))


def _real(paths: Collection[str]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


def _absolute(path: str) -> Path:
    return Path(path).absolute()


async def _watch_path(path: Path, changed: Callable[[], None], ignored: tuple[str, ...]) -> None:
    while True:
        place = _place(path)
        if place is None:
            await asyncio.sleep(_LOOK_AGAIN_MS / 1000)
            continue
        try:
            await _watch_place(path, place, changed, ignored)
        except (OSError, RuntimeError) as error:
            if _place(path) == place:
                _log.warning("%s is not watched now, edits wait for the next resync: %s", path, error)
                await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _watch_place(
    path: Path, place: _Place, changed: Callable[[], None], ignored: tuple[str, ...]
) -> None:
    """Returns when the path leads elsewhere. A timeout without an edit yields as well; the first says that it stands."""

    def shown(_: Change, name: str) -> bool:
        return of_interest(name, ignored)

    edits = awatch(
        place.path,
        watch_filter=shown,
        debounce=DEBOUNCE_MS,
        step=_STEP_MS,
        rust_timeout=_LOOK_AGAIN_MS,
        yield_on_timeout=True,
        recursive=place.recursive,
    )
    stands = False
    async with aclosing(edits):
        async for found in edits:
            if found or not stands:
                stands = True
                changed()
            if _place(path) != place:
                return


def of_interest(name: str, ignored: tuple[str, ...]) -> bool:
    """Whether a changed file may matter to manifests. git's own files change with every command of it.

    `ignored` are beginnings of real paths: a store may be reached by another name than the watched folder is.
    """
    return ".git" not in Path(name).parts and not os.path.realpath(name).startswith(ignored)


def _place(path: Path) -> _Place | None:
    """A folder itself; for a file, or what is not there yet, the folder around it: editors replace files."""
    if path.is_dir():
        return _placed(path, recursive=True)
    return _placed(path.parent, recursive=False) if path.parent.is_dir() else None


def _placed(folder: Path, *, recursive: bool) -> _Place | None:
    try:
        return _Place(folder, recursive, folder.stat().st_ino)
    except OSError:
        return None
