"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

from reconciler.errors import RouterctlError

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is what was looked at, in one word; `why` and `todo` are empty where nothing is wrong."""

    check: str
    level: Level
    message: str
    why: str = ""
    todo: str = ""


def ok(check: str, message: str) -> Finding:
    return Finding(check, "ok", message)


def failed(check: str, error: RouterctlError, program: str, why: str) -> Finding:
    """What is wrong, as the error says it; a command in it begins with `program`."""
    run = f"{program} {error.command}" if error.command else None
    todo = ": ".join(text for text in (error.hint, run) if text)
    return Finding(check, "error", error.message, why, todo)
