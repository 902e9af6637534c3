"""What lets the pages of an allowed origin call this listener and read its answers (WHATWG Fetch, "CORS protocol").

Cookies and other credentials of the browser mean nothing here, so none are asked for, unless Settings.cors says that they
are for something in front; and the origin is named, never `*`. A page may send `Authorization` all the same: that is a
header as any other, and a preflight asks for it by name.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from starlette.types import Message, Send

Headers = list[tuple[bytes, bytes]]

MAX_AGE_SECONDS = 600
"""How long a browser may keep the answer to a preflight. A new `--allow-origin` needs a new start anyway."""


class Manner(NamedTuple):
    """How pages may ask. `credentials`: with what the browser has of them. `headers`: these; None, whichever they like."""

    credentials: bool = False
    headers: bytes | None = None
    max_age: int = MAX_AGE_SECONDS


PLAIN = Manner()

VARY: tuple[bytes, bytes] = (b"vary", b"Origin")
_ALWAYS_READABLE = frozenset(
    {b"cache-control", b"content-language", b"content-length", b"content-type", b"expires", b"last-modified",
     b"pragma"}
)  # fmt: skip
_NEVER_READABLE = frozenset({b"connection", b"set-cookie", b"transfer-encoding", b"vary"})
_ASKED_HEADERS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")
_LONGEST_ASKED = 4096


def is_preflight(method: str, headers: Headers) -> bool:
    """The question that a browser asks before a request that a plain form could not send."""
    names = {name for name, _ in headers}
    return method == "OPTIONS" and {b"origin", b"access-control-request-method"} <= names


def preflight_answer(
    origin: bytes, headers: Headers, methods: Sequence[str], manner: Manner = PLAIN
) -> Headers:
    """The head of the 204. Every header that is asked for may be sent, unless some are named: of a client's headers none
    goes on.
    """
    asked = b", ".join(value for name, value in headers if name == b"access-control-request-headers").strip()
    answer = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (b"access-control-max-age", str(manner.max_age).encode()),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    if manner.headers is not None:
        answer.insert(2, (b"access-control-allow-headers", manner.headers))
    elif len(asked) <= _LONGEST_ASKED and _ASKED_HEADERS.fullmatch(asked):
        answer.insert(2, (b"access-control-allow-headers", asked))
    return [*answer, *_credentials(manner)]


def _credentials(manner: Manner) -> Headers:
    return [(b"access-control-allow-credentials", b"true")] if manner.credentials else []


def readable(origin: bytes, headers: Headers, manner: Manner = PLAIN) -> Headers:
    """What makes an answer with these headers, and all of them, readable for a page of `origin`."""
    names = dict.fromkeys(name.lower() for name, _ in headers)
    exposed = [name for name in names if name not in _ALWAYS_READABLE | _NEVER_READABLE]
    answer = [(b"access-control-allow-origin", origin), *_credentials(manner)]
    if exposed:
        answer.append((b"access-control-expose-headers", b", ".join(exposed)))
    return answer


def marks(origin: bytes | None, headers: Headers, manner: Manner = PLAIN) -> Headers:
    """What an answer with these headers bears, of a listener whose answers depend on the origin."""
    return [*([] if origin is None else readable(origin, headers, manner)), VARY]


def marked(send: Send, origin: bytes | None, manner: Manner = PLAIN) -> Send:
    """`send`, for a listener whose answers depend on the origin; with `origin`, a page of it may read them."""

    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            message = {**message, "headers": [*headers, *marks(origin, headers, manner)]}
        await send(message)

    return marking
