"""A problem of the management API (RFC 9457) as the error that it was: the same words and exit code at both ends."""

import re
from collections.abc import Mapping

from reconciler.control.manifest.printable import printable
from reconciler.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotTrusted,
    OutputFailed,
    Refused,
    RouterctlError,
    SecretError,
    Stale,
    StoreError,
    TimedOut,
    Unreachable,
    WorkerRefused,
)
from reconciler.json_types import JsonObject

MEDIA_TYPE = "application/problem+json"

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_AT_THE_DOOR = (401, 403, 421)
_TOO_MANY = 429


def code_of(reason: str) -> str:
    """The `code` of an error's problem."""
    return _WORD.sub("_", reason).lower()


_CLASSES: Mapping[str, type[RouterctlError]] = {
    code_of(each.reason): each
    for each in (
        InvalidInput,
        NotFound,
        Conflict,
        Stale,
        Refused,
        StoreError,
        SecretError,
        NotTrusted,
        Unreachable,
        Forbidden,
        TimedOut,
        WorkerRefused,
        OutputFailed,
    )
}


class ManyProblems(InvalidInput):
    """Its message says of each of its lines that it is an error."""

    stands_alone = True


def error_of(status: int, document: JsonObject) -> RouterctlError:
    """What is no error of ours goes by its status: refused at the door, at fault, or not answered."""
    kind = _CLASSES.get(_text(document, "code") or "") or _by_status(status)
    if kind is InvalidInput and document.get("standsAlone") is True:
        kind = ManyProblems
    told = _text(document, "detail") or f"it was refused with status {status}"
    return kind(told, hint=_text(document, "hint"), command=_text(document, "command"))


def _by_status(status: int) -> type[RouterctlError]:
    if status in _AT_THE_DOOR:
        return Forbidden
    return InvalidInput if status < 500 and status != _TOO_MANY else Unreachable


def _text(document: JsonObject, name: str) -> str | None:
    """Fit for a terminal, line by line: what answers may be anybody."""
    found = document.get(name)
    return "\n".join(map(printable, found.split("\n"))) if isinstance(found, str) else None
