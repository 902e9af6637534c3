"""A loop whose time is moved by hand; all but its time is the running one's.

loop = Clockwork()
loop.pass_by(30)       # all timers that are due by then fire, each at its own time
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast


class _Timer:
    def __init__(self, at: float, call: Callable[[], object]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


class Clockwork:
    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[_Timer] = []

    def as_loop(self) -> asyncio.AbstractEventLoop:
        return cast(asyncio.AbstractEventLoop, self)

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, call: Callable[[], object]) -> _Timer:
        timer = _Timer(at, call)
        self.timers.append(timer)
        return timer

    def call_later(self, seconds: float, call: Callable[[], object]) -> _Timer:
        return self.call_at(self.now + seconds, call)

    def pass_by(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [each for each in self.timers if not each.cancelled and each.at <= end]:
            first = min(due, key=_Timer.when)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            first.call()
        self.timers = [each for each in self.timers if not each.cancelled]
        self.now = end

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio.get_running_loop(), name)
