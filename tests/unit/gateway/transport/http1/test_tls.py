import socket
import ssl
import threading
from pathlib import Path

import pytest
from fakes.certificates import authority

from reconciler.gateway.transport.http1 import tls
from reconciler.gateway.transport.http1.tls import MAX_SESSIONS, Sessions, own_trust, system_trust


def test_the_systems_trust_verifies() -> None:
    for context in (system_trust(), own_trust(None), own_trust(authority().file)):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.options & ssl.OP_NO_RENEGOTIATION


def knows_authority(context: ssl.SSLContext) -> bool:
    return any(
        ("commonName", "authority") in names for one in context.get_ca_certs() for names in one["subject"]
    )


def test_an_own_authority_is_trusted_alone() -> None:
    context = own_trust(authority().file)
    assert knows_authority(context)
    assert len(context.get_ca_certs()) == 1
    assert not knows_authority(system_trust())


def test_an_encrypted_key_is_refused_and_nobody_is_asked() -> None:
    with pytest.raises(ssl.SSLError):
        own_trust(None, *authority().client(b"password"))


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        own_trust(str(tmp_path / "missing.pem"))


def test_an_openssl_that_was_built_for_another_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere")
    paths = ssl.get_default_verify_paths()._replace(cafile=None, capath=None)  # type: ignore[arg-type]  # typeshed is wrong
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(tls, "_ELSEWHERE", (nowhere, authority().file))
    assert knows_authority(system_trust())
    monkeypatch.setattr(tls, "_ELSEWHERE", (nowhere,))
    assert not knows_authority(system_trust())


def session() -> ssl.SSLSession:
    """A real one: nothing else can be had."""
    ours, theirs = socket.socketpair()
    server = authority().server("localhost")
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    with ours, theirs:
        serving = threading.Thread(target=lambda: server.wrap_socket(theirs, server_side=True).close())
        serving.start()
        with own_trust(authority().file).wrap_socket(ours, server_hostname="localhost") as client:
            found = client.session
        serving.join()
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
