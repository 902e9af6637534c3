"""Waiting for a condition instead of for a time."""

import asyncio
from collections.abc import Callable
from threading import Thread

DEADLINE = 10.0
"""Seconds. Only a failing test waits that long."""


async def until(
    condition: Callable[[], object],
    what: str = "the condition",
    *,
    deadline: float = DEADLINE,
    pause: float = 0.002,
) -> None:
    """Raises AssertionError where `condition` does not come true. Seconds, both."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while not condition():
        if loop.time() > end:
            raise AssertionError(f"{what} did not come true within {deadline:g} s")
        await asyncio.sleep(pause)


def joined(thread: Thread, deadline: float = DEADLINE) -> None:
    """Raises AssertionError where it does not end. Make it a daemon, so that the process can."""
    thread.join(deadline)
    assert not thread.is_alive(), f"a thread did not end within {deadline:g} s"


async def turns(count: int = 20) -> None:
    """Lets the loop run, for what must not happen in that time."""
    for _ in range(count):
        await asyncio.sleep(0)
