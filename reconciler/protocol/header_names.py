"""Headers that configuration can't set: they hold credentials, or are the gateway's own to say."""

import re

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
MAX_NAME = 256

CREDENTIALS = frozenset(
    {"api-key", "authorization", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key"}
)
CONNECTION = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""What the gateway, or the connection, has the say in."""
REDIRECTING = frozenset(
    {
        "forwarded",
        "x-forwarded-host",
        "x-host",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-original-host",
        "x-original-uri",
        "x-original-url",
        "x-rewrite-url",
    }
)
"""By which servers take a request for another host, path or method."""


def is_name(name: str) -> bool:
    """Whether HTTP allows it."""
    return len(name) <= MAX_NAME and TOKEN.fullmatch(name) is not None
