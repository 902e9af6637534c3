"""What went wrong on the way to an upstream, in our own words.

The words of libraries and upstreams are not passed on: they may repeat a header's value, and with it a key.
"""

import errno
import os
import socket
import ssl

NOT_HTTP = "the answer is not valid HTTP"
TOO_LARGE = "the answer's head or trailer is too large, or has too many headers"
BAD_COMPRESSION = "the compressed answer is broken"
UNKNOWN_CODING = "the answer has a content-encoding that was not asked for and is not known"


def explain_connect(error: BaseException) -> str | None:
    """Why there is no connection; None for an exception that no upstream can cause."""
    if not isinstance(error, OSError):
        return None
    if isinstance(error, EgressDenied):
        return str(error)
    if isinstance(error, TimeoutError) and error.errno is None:
        return "could not connect in time"
    return f"could not connect: {cause(error)}"


def explain_loss(error: BaseException) -> str:
    """Why a connection is gone that was not closed properly."""
    return f"the connection broke: {cause(error)}"


def cause(error: BaseException) -> str:
    match error:
        case ProxyRefused():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"the certificate was refused: {error.verify_message}"
        case ssl.SSLError():
            return "TLS could not be agreed on"
        case socket.gaierror():
            return "the host's name does not resolve"
        case OSError(errno=int(number)) if number in errno.errorcode:
            return os.strerror(number).lower()
        case ConnectionAbortedError() | ConnectionResetError():
            return "the other side closed it"
        case _:
            return "no reason was given"


class EgressDenied(OSError):
    """The policy has no such connection. The message says why, and which line would allow it."""


class ProxyRefused(OSError):
    """The message says what the proxy did, in our own words."""
