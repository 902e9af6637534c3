import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pytest
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.log import FORMAT, DiscreetFormatter, JsonFormatter, places

E = TypeVar("E", bound=BaseException)
SECRET = "sk-canary"
SAYING = """
import logging
from reconciler.log import log_to_stderr

log_to_stderr(logging.{level})
for name in ("reconciler.gateway", "httpcore2.http11", "reconcilers"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger(name).log(level, "said")
"""


def said(level: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SAYING.format(level=level)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [" ".join(line.split()[1:3]) for line in done.stderr.splitlines()]


def test_of_libraries_only_warnings_are_logged() -> None:
    assert said("DEBUG") == [
        "DEBUG reconciler.gateway:",
        "INFO reconciler.gateway:",
        "WARNING reconciler.gateway:",
        "WARNING httpcore2.http11:",
        "WARNING reconcilers:",
    ]


def test_the_level_holds_for_our_own() -> None:
    assert said("WARNING") == [
        "WARNING reconciler.gateway:",
        "WARNING httpcore2.http11:",
        "WARNING reconcilers:",
    ]


class Lines(logging.Handler):
    """Keeps what would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(DiscreetFormatter("%(levelname)s %(name)s: %(message)s"))
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


def caught(error: E) -> E:
    """With the places that raising gives it."""
    with pytest.raises(type(error)):
        raise error
    return error


def record(error: BaseException | None, message: str = "it failed") -> logging.LogRecord:
    info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    info = (None, None, None) if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("library", logging.ERROR, __file__, 1, message, (), info)


def test_of_an_exception_type_and_places_are_logged_and_no_message() -> None:
    text = DiscreetFormatter("%(message)s").format(record(caught(ValueError(SECRET))))
    first, kind, place, *_ = text.splitlines()
    assert (first, kind) == ("it failed", "ValueError")
    assert place.startswith(f'  File "{__file__}", line ')
    assert text == text.rstrip()
    assert SECRET not in text


def test_what_another_handler_made_of_an_exception_is_not_repeated() -> None:
    shared = record(caught(ValueError(SECRET)))
    assert SECRET in logging.Formatter().format(shared)
    assert SECRET not in DiscreetFormatter().format(shared)
    assert shared.exc_text is not None  # it stays the other one's
    assert SECRET in shared.exc_text


def test_a_record_of_no_exception_is_its_message() -> None:
    assert DiscreetFormatter().format(record(None)).rstrip() == "it failed"
    plain = logging.LogRecord("ours", logging.ERROR, __file__, 1, "%d of\n%d", (1, 2), None)
    assert DiscreetFormatter().format(plain) == "1 of\n2"


def test_the_places_of_what_an_exception_came_from() -> None:
    error = caught(RuntimeError(SECRET))
    error.__cause__ = caught(KeyError(SECRET))
    error.__cause__.__context__ = error  # a ring, as `raise` can make one
    text = "".join(places(error))
    kinds = [line for line in text.splitlines() if not line.startswith(" ")]
    assert kinds == ["RuntimeError", "KeyError"]
    assert SECRET not in text


def test_the_places_of_all_that_a_group_holds() -> None:
    group = caught(ExceptionGroup(SECRET, [caught(KeyError(SECRET)), caught(OSError(SECRET))]))
    text = "".join(places(group))
    assert [line for line in text.splitlines() if not line.startswith(" ")] == [
        "ExceptionGroup",
        "KeyError",
        "OSError",
    ]
    assert SECRET not in text


@on_loop
async def test_a_task_that_nobody_waits_for_tells_no_message() -> None:
    async def fail() -> None:
        raise ValueError(SECRET)

    lines, log = Lines(), logging.getLogger("asyncio")
    log.addHandler(lines)
    try:
        task = asyncio.get_running_loop().create_task(fail())
        await until(task.done)
        del task
        await until(lambda: lines.texts, "the word of asyncio")
    finally:
        log.removeHandler(lines)
    (text,) = lines.texts
    assert text.startswith("ERROR asyncio: Task exception was never retrieved\nValueError\n")
    assert SECRET not in text


def test_a_line_begins_with_the_moment_in_utc() -> None:
    made = record(None)
    made.created = 1.5
    assert DiscreetFormatter(FORMAT).format(made) == "1970-01-01T00:00:01.500Z ERROR library: it failed"


def told(made: logging.LogRecord) -> dict[str, object]:
    line = JsonFormatter().format(made)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_json_is_one_object_a_line_with_its_fields() -> None:
    made = logging.LogRecord("library", logging.ERROR, __file__, 1, "one\ntwo", (), None)
    made.created = 1.5
    made.fields = {
        "provider": "Provider/p",
        "message": "no field stands in for the message",
        "path": Path("/p"),
    }
    assert told(made) == {
        "time": "1970-01-01T00:00:01.500Z",
        "level": "ERROR",
        "logger": "library",
        "pid": made.process,
        "message": "one\ntwo",
        "provider": "Provider/p",
        "path": "/p",
    }


def test_json_tells_of_an_exception_type_and_places_alone() -> None:
    shown = told(record(caught(ValueError(SECRET)), f"it failed\n{SECRET}"))
    assert shown["message"] == "it failed"
    assert str(shown["exception"]).startswith(f'ValueError\n  File "{__file__}", line ')
    assert SECRET not in json.dumps(shown)


def test_the_last_call_says_how_everything_is_logged() -> None:
    code = "import logging; from reconciler.log import format_in_use, log_to_stderr; print(format_in_use()); "
    code += "log_to_stderr(30); log_to_stderr(30, 'json'); print(format_in_use()); "
    code += "[logging.getLogger(name).info('said') for name in ('routerctl', 'reconciler')]; "
    code += "logging.getLogger('uvicorn.error').warning('said')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["text", "json"]
    assert [json.loads(line)["logger"] for line in done.stderr.splitlines()] == ["routerctl", "uvicorn.error"]
