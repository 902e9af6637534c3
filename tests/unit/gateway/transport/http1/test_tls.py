import socket
import ssl
import threading

from fakes.certificates import authority
from fakes.waiting import DEADLINE, joined

from reconciler.gateway.transport.http1.tls import MAX_SESSIONS, Sessions
from reconciler.snapshot.tls import own_trust


def session() -> ssl.SSLSession:
    """A real one: nothing else can be had."""
    ours, theirs = socket.socketpair()
    server = authority().server("localhost")
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    for each in (ours, theirs):
        each.settimeout(DEADLINE)
    with ours, theirs:
        serving = threading.Thread(
            target=lambda: server.wrap_socket(theirs, server_side=True).close(), daemon=True
        )
        serving.start()
        with own_trust(authority().pem).wrap_socket(ours, server_hostname="localhost") as client:
            found = client.session
        joined(serving)
    assert found is not None
    return found


def test_sessions_are_bounded_and_the_oldest_go() -> None:
    sessions, kept = Sessions(), session()
    for number in range(MAX_SESSIONS):
        sessions.keep((f"host-{number}", 443), kept)
    sessions.keep(("host-0", 443), kept)
    sessions.keep(("more", 443), kept)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.last(("host-1", 443)) is None
    assert sessions.last(("host-0", 443)) is kept
    assert sessions.last(("host-0", 444)) is None
