"""What a supervisor finds wrong with itself, kept where `status`, `doctor` and metrics look. The log told it once."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from reconciler.clock import Clock
from reconciler.errors import RouterctlError
from reconciler.store import notices
from reconciler.store.observations import Observations

_LOOK_SECONDS = 2.0


class Part(Protocol):
    @property
    def problem(self) -> str:
        """What is wrong with it in one line, "" where nothing is."""
        ...


class Noticing:
    """`parts` by the names of their notices; None: there is none of it here."""

    def __init__(
        self, observations: Observations, holder: str, clock: Clock, parts: Mapping[str, Part | None]
    ) -> None:
        self._observations = observations
        self._holder = holder
        self._clock = clock
        self._parts = {name: part for name, part in parts.items() if part is not None}
        self._said = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Says what is wrong now, also that nothing is any more. Records that can't be written are told by who serves."""
        messages = {name: part.problem for name, part in self._parts.items() if part.problem}
        if not messages and not self._said:
            return
        with suppress(RouterctlError):
            notices.say(self._observations, self._holder, messages, self._clock.now().timestamp())
            self._said = bool(messages)
