import errno
import socket
import ssl

import httpx2
import pytest

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.encoding import EncodingError
from reconciler.gateway.transport.failures import died_unanswered, explain


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "failure", "reason"),
    [
        (httpx2.ConnectTimeout("canary"), Failure.CONNECT, "could not connect in time"),
        (httpx2.ReadTimeout("canary"), Failure.TIMEOUT, "no answer in time"),
        (TimeoutError("canary"), Failure.TIMEOUT, "no answer in time"),
        (
            httpx2.LocalProtocolError("Illegal header value b'canary'"),
            Failure.CONNECT,
            "a header is not valid",
        ),
        (httpx2.UnsupportedProtocol("canary"), Failure.CONNECT, "its URL"),
        (httpx2.InvalidURL("canary"), Failure.CONNECT, "its URL"),
        (httpx2.RemoteProtocolError("canary"), Failure.BROKEN, "not valid HTTP"),
        (
            httpx2.RemoteProtocolError("Server disconnected without sending a response."),
            Failure.BROKEN,
            "before an answer came",
        ),
        (
            httpx2.RemoteProtocolError("peer closed connection without sending complete message body"),
            Failure.BROKEN,
            "before the answer's end",
        ),
        (httpx2.ReadError("canary"), Failure.BROKEN, "no reason was given"),
        (EncodingError("the compressed answer broke off"), Failure.BROKEN, "broke off"),
        (
            caused(httpx2.ConnectError("canary"), OSError(errno.ECONNREFUSED, "canary")),
            Failure.CONNECT,
            "connection refused",
        ),
        (
            caused(
                httpx2.ConnectError("canary"),
                ExceptionGroup("canary", [OSError("x"), OSError(errno.EHOSTUNREACH, "")]),
            ),
            Failure.CONNECT,
            "no route to host",
        ),
        (
            caused(httpx2.ConnectError("canary"), socket.gaierror(-2, "canary")),
            Failure.CONNECT,
            "does not resolve",
        ),
        (
            caused(httpx2.ConnectError("canary"), certificate_error()),
            Failure.CONNECT,
            "self-signed certificate",
        ),
        (caused(httpx2.ConnectError("canary"), ssl.SSLError(1, "canary")), Failure.CONNECT, "TLS"),
    ],
)
def test_failures_and_their_words(error: Exception, failure: Failure, reason: str) -> None:
    explained = explain(error)
    assert explained is not None
    assert explained[0] is failure
    assert reason in explained[1]
    assert "canary" not in explained[1]


def test_a_bug_is_not_explained_away() -> None:
    assert explain(KeyError("x")) is None


@pytest.mark.parametrize(
    ("error", "died"),
    [
        (httpx2.ReadError(""), True),
        (httpx2.WriteError(""), True),
        (httpx2.RemoteProtocolError("Server disconnected without sending a response."), True),
        (httpx2.RemoteProtocolError("illegal status line"), False),
        (httpx2.ReadTimeout(""), False),
        (httpx2.ConnectError(""), False),
    ],
)
def test_what_may_be_tried_again_on_another_connection(error: Exception, died: bool) -> None:
    assert died_unanswered(error) == died


def test_a_ring_of_causes_ends() -> None:
    error = httpx2.ConnectError("x")
    other = ValueError("y")
    error.__cause__, other.__cause__ = other, error
    assert explain(error) == (Failure.CONNECT, "could not connect: no reason was given")
