"""What all endpoints share of HTTP: whole answers, and the headers of ours that they bear."""

import json
import random
from typing import Final, Protocol, TypeAlias

from starlette.responses import Response

from reconciler.json_types import JsonObject
from reconciler.protocol.error_shapes import OPENAI, ErrorShape
from reconciler.protocol.errors import OpenAIError
from reconciler.snapshot.model import Snapshot

Headers: TypeAlias = tuple[tuple[str, str], ...]

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a request's body: room for a few images."""


class Current(Protocol):
    """Where the snapshot in force is found; None before the first one."""

    @property
    def current(self) -> Snapshot | None: ...


class RequestIds:
    """`process` and a number, in eight hexadecimal digits or more. Not for several threads."""

    def __init__(self, process: str, first: int) -> None:
        self._process = process
        self._next = first
        self._block = ""

    def new(self) -> str:
        number = self._next
        self._next = number + 1
        last = number & 0xFF
        if last == 0 or not self._block:
            self._block = f"{self._process}{number >> 8:06x}"
        return self._block + _TWO_DIGITS[last]


_TWO_DIGITS: Final = [f"{number:02x}" for number in range(256)]
_ids: Final = RequestIds(
    f"req-{random.SystemRandom().getrandbits(64):016x}", random.SystemRandom().getrandbits(20)
)


def new_request_id() -> str:
    """Unlike any other, of whatever process."""
    return _ids.new()


def own_headers(request_id: str, snapshot: Snapshot | None) -> Headers:
    """What every answer of the gateway bears."""
    revision = () if snapshot is None else (("x-routerctl-revision", str(snapshot.revision)),)
    return (("x-routerctl-request-id", request_id), *revision)


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
