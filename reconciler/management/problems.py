"""Refusals of the management listener in the shape of RFC 9457 (Problem Details for HTTP APIs)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType

from reconciler.api import problems as api
from reconciler.control.apply import FieldConflicts
from reconciler.control.field_text import conflict_text
from reconciler.control.manifest.document import InvalidManifests, Problem
from reconciler.control.manifest.printable import printable
from reconciler.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    RouterctlError,
    SecretError,
    StoreError,
    TimedOut,
    Unreachable,
    WorkerRefused,
)
from reconciler.json_types import JsonObject

MEDIA_TYPE = api.MEDIA_TYPE


class BadRequest(InvalidInput):
    """The request itself can't be read: its body, its parameters, its headers."""

    reason = "BadRequest"
    status = 400


class TooLarge(BadRequest):
    reason = "TooLarge"
    status = 413


class UnsupportedMedia(BadRequest):
    reason = "UnsupportedMediaType"
    status = 415


class TooMany(Unreachable):
    """One principal would hold more at once than is its share."""

    reason = "TooMany"
    status = 429


class PreconditionFailed(Conflict):
    """If-Match, or If-None-Match, of a request that would write."""

    reason = "PreconditionFailed"
    status = 412


class AnotherRequest(InvalidInput):
    """An Idempotency-Key that another request was made with."""

    reason = "IdempotencyKeyReused"


def problem(status: int, code: str, detail: str) -> JsonObject:
    """`code` is the stable word for programs, `detail` the sentence for people."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}


_STATUS: Mapping[type[RouterctlError], int] = MappingProxyType(
    {
        InvalidInput: 422,
        NotFound: 404,
        Conflict: 409,
        Refused: 409,
        Forbidden: 403,
        SecretError: 503,
        StoreError: 503,
        Unreachable: 503,
        WorkerRefused: 503,
        TimedOut: 504,
    }
)


def of_error(error: RouterctlError) -> JsonObject:
    """The problem that an error is, with its causes; all that a client needs to raise the same one (`api.problems`)."""
    status = status_of(error)
    more: JsonObject = {"hint": error.hint, "command": error.command}
    if error.stands_alone:
        more["standsAlone"] = True
    if errors := [*causes(error)]:
        more["errors"] = [*errors]
    told = problem(status, api.code_of(error.reason), error.message)
    return {**told, **{name: value for name, value in more.items() if value is not None}}


def status_of(error: RouterctlError) -> int:
    own = getattr(error, "status", None)
    if isinstance(own, int):
        return own
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def causes(error: RouterctlError) -> Sequence[JsonObject]:
    """One for each field that is wrong, where that is known; `causes` of an error, where it has some."""
    if isinstance(error, InvalidManifests):
        return [_cause(found) for found in error.problems]
    if isinstance(error, FieldConflicts):
        return [
            {
                "detail": conflict_text(field),
                "resource": str(conflict.key),
                "field": field.field,
                "manager": field.manager,
            }
            for conflict in error.conflicts
            for field in conflict.fields
        ]
    return getattr(error, "causes", ())


def _cause(found: Problem) -> JsonObject:
    told: JsonObject = {"detail": found.message}
    if found.key is not None:
        told["resource"] = printable(str(found.key))
    if found.field:
        told["field"] = found.field
    if found.hint:
        told["hint"] = found.hint
    if found.location is not None:
        told |= {
            "file": found.location.file,
            "line": found.location.line,
            "column": found.location.column,
        }
    return told


def guard_refusal(status: int, code: str, message: str, path: str) -> tuple[list[tuple[bytes, bytes]], bytes]:  # noqa: ARG001  alike for all
    """The guard's answer here."""
    body = json.dumps(problem(status, code, message)).encode()
    return [(b"content-type", MEDIA_TYPE.encode())], body
