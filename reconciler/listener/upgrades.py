"""Requests that ask for another protocol than HTTP/1: it is declined, and the request stays one (RFC 9110, 7.8)."""

from collections.abc import Iterable

_OF_UPGRADES = frozenset({b"upgrade", b"http2-settings"})


def declined(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of the request as a server reads it that knows of no other protocol. Names are in lower case.

    llhttp takes what follows such a head for the other protocol, and it is the body: Java's client asks for h2c with
    its first request, POST or not.
    """
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode())]
    for name, value in headers:
        if name == b"connection":
            options = (option.strip() for option in value.split(b","))
            lines += [b"connection: " + option for option in options if option.lower() not in _OF_UPGRADES]
        elif name not in _OF_UPGRADES:
            lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*lines, b"", b""))
