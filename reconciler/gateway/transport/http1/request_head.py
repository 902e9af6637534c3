"""The head of a request as bytes: written once for all requests that differ only in their bodies."""

import re

from reconciler.gateway.transport.http1.origin import Unsendable

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
"""Methods whose empty body is not told."""

Headers = tuple[tuple[str, str], ...]


class RequestHead:
    """What stands before a body differs only in its length. Holds credentials, so it shows nothing."""

    __slots__ = ("_before", "_tells_empty", "bodiless")

    def __init__(
        self,
        method: str,
        target: str,
        authority: str,
        headers: Headers,
        proxy_authorization: str | None = None,
    ) -> None:
        """Raises Unsendable: no name or value can end its line. Compression is not asked for: events must pass singly."""
        if not _TOKEN.fullmatch(method):
            raise Unsendable("its method is not one that HTTP allows")
        own: Headers = (("host", authority),)
        if proxy_authorization is not None:
            own = (*own, ("proxy-authorization", proxy_authorization))
        lines = [f"{method} {target} HTTP/1.1"]
        lines += [_line(name, value) for name, value in own]
        lines += [_line(name, value) for name, value in headers if _may_be_set(name)]
        lines.append("accept-encoding: identity")
        self._before = "\r\n".join(lines).encode("latin-1")
        self._tells_empty = method not in _WITHOUT_BODY
        self.bodiless = method == "HEAD"

    def before(self, body: bytes) -> bytes:
        """All that stands before this body."""
        if body or self._tells_empty:
            return b"%b\r\ncontent-length: %d\r\n\r\n" % (self._before, len(body))
        return self._before + b"\r\n\r\n"

    def with_body(self, body: bytes) -> bytes:
        """The whole request, which is copied once."""
        if not body:
            return self.before(body)
        return b"%b\r\ncontent-length: %d\r\n\r\n%b" % (self._before, len(body), body)

    def __repr__(self) -> str:
        return "<RequestHead>"


def _may_be_set(name: str) -> bool:
    """Raises Unsendable for what this module, or the connection, has the say in."""
    if name.lower() in _OURS:
        raise Unsendable("it has a header that the transport sets itself")
    return True


def _line(name: str, value: str) -> str:
    if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
        raise Unsendable("one of its headers is not one that HTTP allows")
    return f"{name}: {value}"
