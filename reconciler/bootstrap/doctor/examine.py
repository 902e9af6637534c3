"""All that doctor looks at, in the order in which one thing stands on another."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import failed
from reconciler.bootstrap.doctor.keys import key_findings
from reconciler.bootstrap.doctor.online import online_findings
from reconciler.bootstrap.doctor.packages import package_findings
from reconciler.bootstrap.doctor.providers import built, provider_findings
from reconciler.bootstrap.doctor.serving import (
    clock_findings,
    listener_findings,
    live_of,
    notice_findings,
    worker_findings,
)
from reconciler.bootstrap.doctor.storage import folder_findings, open_store, store_findings
from reconciler.clock import Clock
from reconciler.errors import StoreError
from reconciler.settings import Reach
from reconciler.store.notices import Notice, current
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class Examination:
    """`program` is how a command that is suggested begins; `online`: providers are asked as well; `served`: a server looks
    at itself.
    """

    location: StoreLocation
    environ: Mapping[str, str]
    reach: Reach
    clock: Clock
    program: str
    online: bool = False
    served: bool = False

    def findings(self) -> Iterator[Finding]:
        reader, found = open_store(self.location, self.program)
        yield found
        yield from folder_findings(self.location)
        if reader is None:
            yield from key_findings(self.location, self.environ, None, self.program)
            return
        with reader:
            try:
                yield from store_findings(self.location, reader, self.program)
                yield from key_findings(self.location, self.environ, reader, self.program)
                yield from self._served(reader)
            except StoreError as error:
                yield failed("store", error, self.program, "the rest of it could not be looked at")

    def _served(self, reader: Reader) -> Iterator[Finding]:
        state, newest = reader.state(), reader.head_revision()
        snapshot = built(self.location, reader, state, self.reach, self.environ)
        now = self.clock.now()
        yield from package_findings()
        yield from provider_findings(state, snapshot, now.timestamp(), served=self.served)
        if self.online:
            yield from asyncio.run(online_findings(snapshot, self.environ))
        rows, told = self._observed(now.timestamp())
        yield from clock_findings(newest, rows, now)
        yield from worker_findings(rows, state.revision, now.timestamp(), self.program)
        yield from notice_findings(told)
        yield from listener_findings(live_of(rows, now.timestamp()), state)

    def _observed(self, now: float) -> tuple[Sequence[WorkerRow], Sequence[Notice]]:
        if not self.location.records_path.exists():
            return (), ()
        with closing(Observations(self.location.records_path)) as rows:
            return tuple(rows.workers(counted=False)), current(rows, now)
