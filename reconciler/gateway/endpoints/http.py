"""What all endpoints share of HTTP: reading a body up to a limit, and whole answers."""

import json
import secrets
from typing import Protocol, TypeAlias

from starlette.responses import Response
from starlette.types import Receive, Scope

from reconciler.json_types import JsonObject
from reconciler.protocol.error_shapes import OPENAI, ErrorShape
from reconciler.protocol.errors import OpenAIError, payload_too_large
from reconciler.snapshot.model import Snapshot

Headers: TypeAlias = tuple[tuple[str, str], ...]

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a request's body: room for a few images."""


class Current(Protocol):
    """Where the snapshot in force is found; None before the first one."""

    @property
    def current(self) -> Snapshot | None: ...


class ClientGone(Exception):
    """The client left before its request was read."""


class BodyTooLarge(Exception):
    """`error` is the answer to it."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")
        self.error = payload_too_large(limit)


def new_request_id() -> str:
    return f"req-{secrets.token_hex(12)}"


def own_headers(request_id: str, snapshot: Snapshot | None) -> Headers:
    """What every answer of the gateway bears."""
    revision = () if snapshot is None else (("x-routerctl-revision", str(snapshot.revision)),)
    return (("x-routerctl-request-id", request_id), *revision)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Raises BodyTooLarge, before anything is read where the length is told, and ClientGone."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > limit:
            raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def header(scope: Scope, name: bytes) -> str:
    """Of the client's request; several of one name as one, empty where there is none."""
    return ", ".join(value.decode("latin-1").strip() for given, value in scope["headers"] if given == name)


def json_response(value: JsonObject, headers: Headers = (), status: int = 200) -> Response:
    own = {"content-type": "application/json"}
    return Response(json.dumps(value).encode(), status, {**own, **dict(headers)})


def error_response(error: OpenAIError, headers: Headers = (), shape: ErrorShape = OPENAI) -> Response:
    return Response(shape.body(error), error.status, {**dict(error.response_headers()), **dict(headers)})


def not_ready() -> OpenAIError:
    return OpenAIError(
        503,
        "The gateway has no configuration yet. Try again in a moment.",
        "server_error",
        "not_ready",
        headers=(("retry-after", "1"),),
    )
