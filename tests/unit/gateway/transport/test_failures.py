import errno
import os
import socket
import ssl

import pytest

from reconciler.gateway.transport.failures import ProxyRefused, cause, explain_connect, explain_loss


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "canary")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "could not connect in time"),
        (TimeoutError(errno.ETIMEDOUT, "canary"), "could not connect: connection timed out"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "canary"), "could not connect: connection refused"),
        (OSError(errno.EHOSTUNREACH, "canary"), "could not connect: no route to host"),
        (OSError("canary"), "could not connect: no reason was given"),
        (ConnectionAbortedError("canary"), "could not connect: the other side closed it"),
        (socket.gaierror(socket.EAI_NONAME, "canary"), "could not connect: the host's name does not resolve"),
        (certificate_error(), "could not connect: the certificate was refused: certificate has expired"),
        (ssl.SSLError(1, "canary"), "could not connect: TLS could not be agreed on"),
        (
            ProxyRefused("the proxy answered with status 407"),
            "could not connect: the proxy answered with status 407",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_why_there_is_no_connection(error: OSError, reason: str) -> None:
    assert explain_connect(error) == reason


@pytest.mark.parametrize("bug", [KeyError("x"), ValueError("x"), RuntimeError("x")])
def test_a_bug_of_ours_is_nobodys_failure(bug: Exception) -> None:
    assert explain_connect(bug) is None


def test_why_a_connection_is_gone() -> None:
    reset = ConnectionResetError(errno.ECONNRESET, "canary")
    assert explain_loss(reset) == f"the connection broke: {os.strerror(errno.ECONNRESET).lower()}"
    assert cause(ValueError("canary")) == "no reason was given"
