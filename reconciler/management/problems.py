"""Refusals of the management listener in the shape of RFC 9457 (Problem Details for HTTP APIs)."""

import json
from http import HTTPStatus

from reconciler.json_types import JsonObject

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str) -> JsonObject:
    """`code` is the stable word for programs, `detail` the sentence for people."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}


def guard_refusal(status: int, code: str, message: str, path: str) -> tuple[list[tuple[bytes, bytes]], bytes]:  # noqa: ARG001  alike for all
    """The guard's answer here."""
    body = json.dumps(problem(status, code, message)).encode()
    return [(b"content-type", MEDIA_TYPE.encode())], body
