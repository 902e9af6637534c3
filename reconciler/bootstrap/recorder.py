"""Tells how each reconcile went: as lines for whoever started the process, and as the row that `status` shows."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.bootstrap.acknowledgements import News
from reconciler.bootstrap.reports import lines, source_status
from reconciler.clock import Clock, precise_timestamp
from reconciler.control.git.program import Stopped
from reconciler.control.reconcile import Result
from reconciler.errors import RouterctlError, one_line
from reconciler.store.source_status import SourceStatus, forget, put

_log = logging.getLogger(__name__)


class Recorder:
    """Of one source. `paths` are what its row is known by. Not for several threads at once.

    To be closed when the process ends: of a branch that it never applied anything from no row stays.
    """

    def __init__(
        self, records: Path, paths: Sequence[str], clock: Clock, tell: Callable[[News], None]
    ) -> None:
        self._records = records
        self._paths = tuple(paths)
        self._clock = clock
        self._tell = tell
        self._last: SourceStatus | None = None

    def report(self, result: Result) -> None:
        """Records that can't be written end nothing. What was stopped on the way is no news of the source."""
        if result.exit_code == Stopped.exit_code:
            return
        now = source_status(result, self._paths, precise_timestamp(self._clock.now()))
        if not now.healed and self._last is not None:
            now = replace(now, healed=self._last.healed)
        warnings = {one_line(str(each)) for each in result.problems if each.warning}
        for line in lines(now, self._last):
            warns = line in warnings
            level = logging.WARNING if warns or now.error is not None else logging.INFO
            text = line.replace("warning: ", "", 1) if warns else line
            self._tell(News(level, text, {"source": now.source}))
        self._last = now
        try:
            put(self._records, now)
        except RouterctlError as error:
            _log.warning("how the manifests do can't be recorded: %s", error.message)

    def close(self) -> None:
        if self._last is None or not self._last.never_applied:
            return
        try:
            forget(self._records, self._paths)
        except RouterctlError as error:
            _log.warning("what was never applied can't be taken from the records: %s", error.message)
