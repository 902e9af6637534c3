"""Where log lines go, and whose: a library's debug lines repeat the headers of upstreams, and with them credentials.

Of an exception the log tells its type and the places in the code, never its message: that of a library may repeat a
header, a body or a key.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from copy import copy
from types import TracebackType
from typing import TypeAlias

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OURS = "reconciler"

_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class DiscreetFormatter(logging.Formatter):
    """One line a record; below it, where there is an exception, its `places`."""

    def format(self, record: logging.LogRecord) -> str:
        shown = copy(record)
        shown.exc_text = None  # what another handler made of the exception
        if shown.exc_info:
            # asyncio's further lines repeat the task that failed, and with it the exception
            shown.msg, shown.args = record.getMessage().partition("\n")[0], None
        return super().format(shown)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  logging's name
        return "" if ei[1] is None else "".join(places(ei[1])).rstrip()


def log_to_stderr(level: int) -> None:
    """From `level` on (logging's number), in this process; of libraries, warnings and worse."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_worth_a_line)
    handler.setFormatter(DiscreetFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])


def places(error: BaseException) -> Iterator[str]:
    """Type and places of an exception, then of what it holds and what it came from: text in whole lines."""
    waiting, told = [error], set[int]()
    while waiting:
        here = waiting.pop()
        if id(here) in told:
            continue
        told.add(id(here))
        yield f"{type(here).__name__}\n"
        yield from traceback.format_tb(here.__traceback__)
        origin = here.__cause__ or here.__context__
        if origin is not None:
            waiting.append(origin)
        if isinstance(here, BaseExceptionGroup):
            waiting.extend(reversed(here.exceptions))


def _worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == OURS
