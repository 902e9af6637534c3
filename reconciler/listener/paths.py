"""The one reading of a request's path. What has two readings has none: it is refused before anything is decided by it.

Two systems that take `/v1//status`, `/v1/./status`, `/v1/status;x` or `/v1%2Fstatus` for different paths disagree on who
may pass (CVE-2026-48710 and its kin). So a path is taken only where all readings agree: segments of plain characters,
after the decoding that means nothing (RFC 3986, 6.2.2.2). Below a `tail`, such as `/v1/models/`, the rest is one name,
that is compared and never walked along.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

_PLAIN = re.compile(rb"/(?:(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~!$&'()*+,=:@-]+(?:/|\Z))*\Z")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ASGI_SAFE = "/!$&'()*+,;=:@-._~"


def plain_path(raw: bytes, tails: Sequence[bytes] = ()) -> str | None:
    """The path as it is matched; None for one that has no single reading. `raw` is as the request line has it."""
    if b"%" not in raw and _PLAIN.match(raw):
        return raw.decode("ascii")
    if _BROKEN.search(raw):
        return None
    decoded = _ESCAPE.sub(_unreserved, raw)
    tail = next((each for each in tails if decoded.startswith(each)), None)
    if tail is not None:
        return _with_name(tail, decoded[len(tail) :])
    return decoded.decode("ascii") if _PLAIN.match(decoded) else None


def raw_path(path: str, raw: bytes | None) -> bytes:
    """As the request line had it; some servers tell ASGI the decoded one alone."""
    return quote(path, safe=_ASGI_SAFE).encode() if raw is None else raw


def _with_name(tail: bytes, name: bytes) -> str | None:
    try:
        return tail.decode("ascii") + unquote(name.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        return None


def _unreserved(escape: re.Match[bytes]) -> bytes:
    octet = int(escape[1], 16)
    return bytes([octet]) if octet in _UNRESERVED else escape[0]
