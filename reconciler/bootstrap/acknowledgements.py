"""What the workers acknowledge, as lines for whoever started them: when they serve, what they refuse, and its end.

The workers only write rows; the supervisor alone tells, so a refusal of four workers is one line.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from reconciler.clock import Clock
from reconciler.errors import RouterctlError, one_line
from reconciler.store.observations import WHOLE, WorkerRow

POLL_SECONDS = 0.05
"""Until the first worker serves; then a heartbeat is soon enough."""
STEADY_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
"""After so long without a worker that serves, it is said."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """One line. `level` is logging's number; `fields` what it is about, for programs."""

    level: int
    text: str
    fields: dict[str, str] = field(default_factory=dict)


class Acknowledgements:
    """`serving` is the line that is told when the first worker serves."""

    def __init__(self, serving: str) -> None:
        self._serving = serving
        self._announced = False
        self._waited = False
        self._refused: dict[str, str] = {}

    @property
    def announced(self) -> bool:
        return self._announced

    def news(self, workers: Sequence[WorkerRow], seconds: float) -> Iterator[News]:
        """What is worth a line. `workers` are those that should run now; `seconds` since they were started."""
        serving = [worker for worker in workers if worker.serving]
        if serving and not self._announced:
            self._announced = True
            yield News(logging.INFO, self._serving)
        if serving:
            yield from self._refusals(_refused(serving))
        elif not self._announced:
            yield from self._not_serving(_refused(workers), seconds)

    def _refusals(self, now: dict[str, str]) -> Iterator[News]:
        for provider, reason in now.items():
            if self._refused.get(provider) != reason:
                yield _begun(provider, reason)
        for provider in sorted(self._refused.keys() - now.keys()):
            yield _ended(provider)
        self._refused = now

    def _not_serving(self, now: dict[str, str], seconds: float) -> Iterator[News]:
        why = now.get(WHOLE)
        if why is not None and self._refused.get(WHOLE) != why:
            self._refused, self._waited = {WHOLE: why}, True
            yield News(logging.ERROR, f"no worker serves yet: {why}", {"reason": why})
        elif seconds >= PATIENCE_SECONDS and not self._waited:
            self._waited = True
            yield News(
                logging.WARNING, f"no worker serves after {PATIENCE_SECONDS:g} s; they are still starting"
            )


def _refused(workers: Sequence[WorkerRow]) -> dict[str, str]:
    """Provider and reason, the first one where workers differ."""
    found: dict[str, str] = {}
    for worker in workers:
        for provider, reason in worker.refused:
            found.setdefault(provider, one_line(reason))
    return dict(sorted(found.items()))


def _begun(provider: str, reason: str) -> News:
    what = "the newest revision is not served" if provider == WHOLE else f"{provider} is refused"
    return News(logging.WARNING, f"{what}: {reason}", {"provider": provider, "reason": reason})


def _ended(provider: str) -> News:
    what = "the newest revision is served" if provider == WHOLE else f"{provider} is refused no longer"
    return News(logging.INFO, what, {"provider": provider})


async def follow(
    acknowledgements: Acknowledgements,
    workers: Callable[[], Sequence[WorkerRow]],
    tell: Callable[[News], None],
    clock: Clock,
) -> None:
    """Until cancelled. `workers` may block, and raise RouterctlError: records that can't be read are said once."""
    started = clock.monotonic()
    failing = False
    while True:
        try:
            rows = await asyncio.to_thread(workers)
        except RouterctlError as error:
            if not failing:
                _log.warning("what the workers do can't be read: %s", one_line(str(error)))
            failing = True
        else:
            failing = False
            for each in acknowledgements.news(rows, clock.monotonic() - started):
                tell(each)
        await asyncio.sleep(STEADY_SECONDS if acknowledgements.announced else POLL_SECONDS)
