import asyncio
import logging
import os
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from fakes.certificates import Pair, authority, issued
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.errors import InvalidInput, RouterctlError, SecretError
from reconciler.listener import tls
from reconciler.listener.tls import ServerTLS, TLSFiles, server_tls
from reconciler.secrets import files as secret_files


def pair(name: str = "server") -> Pair:
    return issued(name, authority().pair, names=("localhost",))


def files(folder: Path, of: Pair | None = None, **more: object) -> TLSFiles:
    cert, key = (of or pair()).write(folder, "server")
    Path(key).chmod(0o600)
    return TLSFiles(cert, key, **more)  # type: ignore[arg-type]  # what a test says


def handshake(
    server: ssl.SSLContext, client: ssl.SSLContext | None = None
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """(the client's side, the server's), both with their handshakes done."""
    if client is None:
        client = ssl.create_default_context(cafile=authority().file)
        client.set_alpn_protocols(["h2", "http/1.1"])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    done: set[ssl.SSLObject] = set()
    for _ in range(10):
        for side in sides:
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
    assert len(done) == 2
    return sides


def serial(side: ssl.SSLObject) -> int:
    certificate = side.getpeercert()
    assert certificate is not None
    return int(str(certificate["serialNumber"]), 16)


def test_a_handshake(tmp_path: Path) -> None:
    client, _ = handshake(ServerTLS(files(tmp_path)).context)
    assert client.selected_alpn_protocol() == "http/1.1"
    assert client.version() == "TLSv1.3"


def test_nothing_older_than_tls_1_2(tmp_path: Path) -> None:
    server = ServerTLS(files(tmp_path)).context
    client = ssl.create_default_context(cafile=authority().file)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(server, client)[0].version() == "TLSv1.2"
    assert server.current.minimum_version is ssl.TLSVersion.TLSv1_2
    assert server.current.options & ssl.OP_NO_RENEGOTIATION


def test_without_files_there_is_no_tls() -> None:
    assert server_tls(None) is None


def test_what_changes_is_read_again_and_old_connections_keep_what_they_have(tmp_path: Path) -> None:
    first, second = pair(), pair()
    kept = ServerTLS(files(tmp_path, first))
    old, its_server = handshake(kept.context)
    assert not kept.renew()
    files(tmp_path, second)
    assert kept.renew()
    new, _ = handshake(kept.context)
    assert (serial(old), serial(new)) == (first.certificate.serial_number, second.certificate.serial_number)
    assert its_server.write(b"still here") == 10


def test_a_symlink_that_is_swapped_is_a_change(tmp_path: Path) -> None:
    """As secrets that Kubernetes mounts."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files(tmp_path / name, pair(name))
    link = tmp_path / "current"
    link.symlink_to("one")
    kept = ServerTLS(TLSFiles(str(link / "server.pem"), str(link / "server-key.pem")))
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").rename(link)
    assert kept.renew()


def test_bad_files_later_change_nothing_and_are_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = ServerTLS(files(tmp_path))
    serves = serial(handshake(kept.context)[0])
    (tmp_path / "server.pem").write_bytes(pair().certificate.public_bytes(Encoding.PEM))  # without its key
    with caplog.at_level(logging.INFO):
        assert not kept.renew()
        assert not kept.renew()
        assert len(caplog.records) == 1
        assert "TLS goes on with what it had" in caplog.text
        assert "is not the key of the certificate" in caplog.text
        assert serial(handshake(kept.context)[0]) == serves
        (tmp_path / "server.pem").unlink()
        assert not kept.renew()
        assert "can't be read: no such file" in caplog.messages[1]
        files(tmp_path, pair())
        assert kept.renew()
        assert "was read again" in caplog.messages[2]


def test_it_is_kept_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "LOOK_SECONDS", 0)
    kept = ServerTLS(files(tmp_path))
    before = kept.context.current

    @on_loop
    async def whole() -> None:
        keeping = asyncio.get_running_loop().create_task(kept.keep())
        files(tmp_path, pair())
        await until(lambda: kept.context.current is not before, "the new certificate")
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    whole()


def test_who_closes_waits_for_nobody(tmp_path: Path) -> None:
    client, server = handshake(ServerTLS(files(tmp_path)).context)
    server.unwrap()  # one that waited would raise SSLWantReadError
    client.unwrap()  # and the other side has heard it


# --- certificates of clients -------------------------------------------------------------------------------------


def known_client() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority().file)
    context.load_cert_chain(*authority().client())
    return context


def test_whose_authority_is_not_trusted_is_not_talked_to(tmp_path: Path) -> None:
    asking = ServerTLS(files(tmp_path, client_ca=authority().file)).context
    _, server = handshake(asking, known_client())
    assert server.getpeercert()
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        handshake(asking)
    stranger = ssl.create_default_context(cafile=authority().file)
    other = issued("other")
    stranger.load_cert_chain(*issued("client", other).write(tmp_path, "stranger"))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        handshake(asking, stranger)


def test_where_it_is_not_required_a_stranger_comes_without_a_name(tmp_path: Path) -> None:
    asking = ServerTLS(files(tmp_path, client_ca=authority().file, required=False)).context
    assert handshake(asking)[1].getpeercert() is None
    assert handshake(asking, known_client())[1].getpeercert()


# --- files that are of no use -------------------------------------------------------------------------------------


def refused(given: TLSFiles) -> RouterctlError:
    with pytest.raises(RouterctlError) as raised:
        ServerTLS(given)
    return raised.value


def test_what_is_no_file(tmp_path: Path) -> None:
    good = files(tmp_path)
    missing = refused(TLSFiles(str(tmp_path / "none.pem"), good.key, flag="--admin-"))
    assert (
        missing.message == f"--admin-tls-cert: {tmp_path}/none.pem can't be read: no such file or directory"
    )
    assert "is not a file" in str(refused(TLSFiles(good.cert, str(tmp_path))))
    assert "not a usable path" in str(refused(TLSFiles("a\0b", good.key)))
    large = tmp_path / "large.pem"
    large.write_bytes(b"x" * (tls.MAX_FILE + 1))
    assert "larger than 1 MiB" in str(refused(TLSFiles(str(large), good.key)))


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    good = files(tmp_path)
    Path(good.key).chmod(0o640)
    error = refused(good)
    assert isinstance(error, SecretError)
    assert str(error).endswith(f"chmod 600 {good.key}")


def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = files(tmp_path)
    owner = Path(good.key).stat().st_uid
    monkeypatch.setattr(secret_files, "_ROOT", -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert "belongs to another user" in str(refused(good))


def test_what_does_not_go_together(tmp_path: Path) -> None:
    good = files(tmp_path)
    (tmp_path / "other").mkdir()
    other = files(tmp_path / "other")
    assert "is not the key of the certificate" in str(refused(TLSFiles(good.cert, other.key)))


def test_what_can_not_be_read(tmp_path: Path) -> None:
    good = files(tmp_path)
    text = tmp_path / "canary.pem"
    text.write_text("canary")
    text.chmod(0o600)
    for given in (TLSFiles(str(text), good.key), TLSFiles(good.cert, str(text))):
        error = refused(given)
        assert isinstance(error, InvalidInput)
        assert "name files in PEM" in str(error)
    assert "holds no certificates" in str(refused(TLSFiles(good.cert, good.key, str(text))))


def test_a_key_with_a_password(tmp_path: Path) -> None:
    _, key = pair().write(tmp_path, "sealed", password=b"secret")
    Path(key).chmod(0o600)
    assert "is encrypted with a password" in str(refused(TLSFiles(files(tmp_path).cert, key)))


def test_nothing_of_a_key_is_shown(tmp_path: Path) -> None:
    kept = ServerTLS(files(tmp_path))
    assert "PRIVATE" not in repr(kept._read)
