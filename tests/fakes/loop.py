"""Async tests: each on an event loop of its own, with a deadline that only a hanging test meets."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")

HANGS = 60.0
"""Seconds."""


def on_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(HANGS):
                await test(*args, **kwargs)

        asyncio.run(bounded())

    return run
