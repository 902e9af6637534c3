"""Refused writes, written down in the audit: so many a minute, since anybody can be refused."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from reconciler.clock import Clock
from reconciler.errors import RouterctlError
from reconciler.resources.principal import Principal
from reconciler.store.audit import Deed

A_MINUTE = 20
_SECONDS = 60.0

Note = Callable[[Principal, Deed], None]
"""Writes a row of the audit. Raises RouterctlError."""

_log = logging.getLogger(__name__)


class Refusals:
    """Threads may share it: they take turns, at the store as well."""

    def __init__(self, note: Note, clock: Clock) -> None:
        self._note = note
        self._clock = clock
        self._written: deque[float] = deque()
        self._left_out = 0
        self._turn = threading.Lock()

    def note(self, who: Principal, operation: str, target: str, outcome: str) -> None:
        """What the store can't take is told by the log: the refusal stands anyway."""
        with self._turn:
            self._noted(who, operation, target, outcome)

    def _noted(self, who: Principal, operation: str, target: str, outcome: str) -> None:
        now = self._clock.monotonic()
        while self._written and self._written[0] <= now - _SECONDS:
            self._written.popleft()
        if len(self._written) >= A_MINUTE:
            self._left_out += 1
            return
        self._written.append(now)
        if self._left_out:
            outcome = f"{outcome} ({self._left_out} more refusals were not written down)"
            self._left_out = 0
        try:
            self._note(who, Deed(operation, target, outcome=outcome))
        except RouterctlError as error:
            _log.warning("a refusal can't be written to the audit: %s", error.message)
