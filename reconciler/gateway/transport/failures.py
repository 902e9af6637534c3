"""What went wrong on the way to an upstream, in our own words.

The words of the libraries are not passed on: they may repeat a header's value, and with it a key.
"""

import errno
import os
import socket
import ssl
from collections.abc import Iterator

import httpx2

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.encoding import EncodingError


def explain(error: Exception) -> tuple[Failure, str] | None:
    """The failure and its reason; None for an exception that no upstream can cause."""
    match error:
        case httpx2.ConnectTimeout():
            return Failure.CONNECT, "could not connect in time"
        case httpx2.ConnectError():
            return Failure.CONNECT, f"could not connect: {_cause(error)}"
        case httpx2.TimeoutException() | TimeoutError():
            return Failure.TIMEOUT, "no answer in time"
        case httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError() | httpx2.InvalidURL():
            return Failure.CONNECT, "the request can't be sent: its URL or a header is not valid"
        case httpx2.RemoteProtocolError():
            return Failure.BROKEN, _protocol_fault(error)
        case httpx2.TransportError():
            return Failure.BROKEN, f"the connection broke: {_cause(error)}"
        case EncodingError():
            return Failure.BROKEN, str(error)
        case _:
            return None


def died_unanswered(error: Exception) -> bool:
    """Whether the connection ended before a byte of the answer came."""
    if isinstance(error, httpx2.RemoteProtocolError):
        return "without sending a response" in str(error)
    return isinstance(error, httpx2.ReadError | httpx2.WriteError)


def _protocol_fault(error: httpx2.RemoteProtocolError) -> str:
    text = str(error)
    if "without sending a response" in text:
        return "the connection was closed before an answer came"
    if "closed connection" in text:
        return "the connection was closed before the answer's end"
    return "the answer is not valid HTTP"


def _cause(error: Exception) -> str:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"the certificate was refused: {cause.verify_message}"
            case ssl.SSLError():
                return "TLS could not be agreed on"
            case socket.gaierror():
                return "the host's name does not resolve"
            case OSError(errno=int(number)) if number in errno.errorcode:
                return os.strerror(number).lower()
            case _:
                continue
    return "no reason was given"


def _causes(error: BaseException | None, depth: int = 0) -> Iterator[BaseException]:
    """The exceptions behind this one; libraries wrap them, some in groups."""
    while error is not None and depth < 10:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _causes(member, depth + 1)
        error, depth = error.__cause__ or error.__context__, depth + 1
