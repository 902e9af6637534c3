"""Where log lines go, and whose: a library's debug lines repeat the headers of upstreams, and with them credentials.

Of an exception the log tells its type and the places in the code, never its message: that of a library may repeat a
header, a body or a key.

There is one format for all lines of a process that serves, those of its workers and libraries included: text, or JSON
with one object a line. What a line is about stands in its record's `fields` (`extra={"fields": {...}}`) as well.
"""

import json
import logging
import sys
import traceback
from collections.abc import Collection, Iterator
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TypeAlias

LogFormat = Literal["text", "json"]
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OURS = "reconciler"
ANNOUNCER = "routerctl"
"""The logger of what whoever starts a server wants to know in any case: its lines are written from INFO on."""

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

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802  logging's
        """RFC 3339 in UTC, to the millisecond."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  logging's name
        return "" if ei[1] is None else "".join(places(ei[1])).rstrip()


class JsonFormatter(DiscreetFormatter):
    """One JSON object a line: time, level, logger, pid, message, `exception` where there is one, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        message, error = record.getMessage(), record.exc_info
        told: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "pid": record.process,
            "message": message.partition("\n")[0] if error else message,
        }
        if error and error[1] is not None:
            told["exception"] = self.formatException(error)
        return json.dumps({**told, **_fields(record, told)}, default=str)


def log_to_stderr(level: int, log_format: LogFormat = "text") -> None:
    """From `level` on (logging's number), in this process; of libraries, warnings and worse. The last call counts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_worth_a_line)
    handler.setFormatter(JsonFormatter() if log_format == "json" else DiscreetFormatter(FORMAT))
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one.formatter, DiscreetFormatter)]:
        root.removeHandler(earlier)
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger(ANNOUNCER).setLevel(min(level, logging.INFO))


def format_in_use() -> LogFormat:
    """What the last `log_to_stderr` said: the processes that this one starts log alike."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    return "json" if any(isinstance(one, JsonFormatter) for one in formatters) else "text"


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


def _fields(record: logging.LogRecord, taken: Collection[str]) -> dict[str, object]:
    """What the line is about; no field stands in for one of those that every line has."""
    fields = getattr(record, "fields", None)
    if not isinstance(fields, dict):
        return {}
    return {name: value for name, value in fields.items() if name not in taken}


def _worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in {OURS, ANNOUNCER}
