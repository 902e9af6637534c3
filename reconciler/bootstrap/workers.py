"""The gateway processes of a supervisor: started, replaced when they die, and stopped."""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex

from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.clock import Clock
from reconciler.errors import RouterctlError

QUICK_SECONDS = 10.0
"""A worker that dies sooner would die again at once: its successor waits."""
LONGEST_PAUSE = 10.0
_MARGIN_SECONDS = 5.0
"""How long a worker may take beyond its grace before it is killed."""

_log = logging.getLogger(__name__)


def pause_before(quick_deaths: int) -> float:
    """Seconds until a worker is started again, after so many quick deaths in a row: 0, 0.5, 1, 2, 4, ... 10."""
    return 0.0 if quick_deaths <= 1 else min(LONGEST_PAUSE, 0.5 * 2 ** min(quick_deaths - 2, 10))


class Workers:
    """`settings` is what they share; each process gets an instance of its own."""

    def __init__(
        self,
        count: int,
        settings: WorkerSettings,
        clock: Clock,
        *,
        died: Callable[[str], None],
        command: tuple[str, ...] = (sys.executable, "-m", "reconciler.bootstrap.worker"),
    ) -> None:
        """`died` hears of the instance of each process that ended without being asked to.

        It may block. A RouterctlError that it raises is logged.
        """
        self._count = count
        self._settings = settings
        self._clock = clock
        self._died = died
        self._command = command
        self._running: dict[int, tuple[str, Process]] = {}
        self._stopping = asyncio.Event()

    @property
    def instances(self) -> tuple[str, ...]:
        """One for each worker that there should be; a place between two processes has a word that no row bears."""
        return tuple(
            self._running[slot][0] if slot in self._running else f"(worker {slot})"
            for slot in range(self._count)
        )

    async def run(self) -> None:
        """Keeps them running until `stop`."""
        async with asyncio.TaskGroup() as group:
            for slot in range(self._count):
                group.create_task(self._keep(slot))

    async def stop(self) -> None:
        """Asks all to finish, waits as long as their grace, and kills what is left."""
        self._stopping.set()
        processes = [process for _, process in self._running.values()]
        for process in processes:
            _send(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(self._settings.grace_seconds + _MARGIN_SECONDS):
                await asyncio.gather(*(process.wait() for process in processes))
        except TimeoutError:
            self.kill()

    def kill(self) -> None:
        """At once, whatever they have under way."""
        self._stopping.set()
        for _, process in self._running.values():
            _send(process, signal.SIGKILL)

    async def _keep(self, slot: int) -> None:
        quick_deaths = 0
        while not self._stopping.is_set():
            started = self._clock.monotonic()
            code = await self._one_life(slot)
            if self._stopping.is_set():
                return
            quick = self._clock.monotonic() - started < QUICK_SECONDS
            quick_deaths = quick_deaths + 1 if quick else 0
            pause = pause_before(quick_deaths)
            when = f"in {pause:g} s" if pause else "now"
            _log.error("worker %d %s; another is started %s", slot + 1, ending(code), when)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    async def _one_life(self, slot: int) -> int:
        """The exit code, negative for a signal."""
        settings = replace(self._settings, instance=f"{os.getpid()}-{slot + 1}-{token_hex(4)}")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                pass_fds=(settings.socket,),
                start_new_session=True,  # Ctrl-C is for the supervisor, which then asks its workers
            )
        except OSError as error:
            _log.error("a worker can't be started: %s", error.strerror)
            return os.EX_OSERR
        self._running[slot] = (settings.instance, process)
        try:
            assert process.stdin is not None
            with suppress(OSError):  # it died already; its exit code tells
                process.stdin.write(settings.to_line())
                await process.stdin.drain()
            if self._stopping.is_set():
                _send(process, signal.SIGTERM)
            code = await process.wait()
        finally:
            del self._running[slot]
        if not self._stopping.is_set():
            await self._tell_death(settings.instance)
        return code

    async def _tell_death(self, instance: str) -> None:
        """Records that can't be written, as on a full disk, are no reason to serve with one worker less."""
        try:
            await asyncio.to_thread(self._died, instance)
        except RouterctlError as error:
            _log.warning("what a dead worker counted can't be put away: %s", error.message)


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def _send(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
