import os
import ssl
from pathlib import Path

import pytest
from fakes.certificates import authority, issued

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.settings import Reach
from reconciler.snapshot import tls
from reconciler.snapshot.tls import UpstreamTLS, files_of, own_trust, system_trust, tls_of


def test_every_trust_verifies() -> None:
    for context in (system_trust(), own_trust(None), own_trust(authority().pem)):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.options & ssl.OP_NO_RENEGOTIATION


def knows_authority(context: ssl.SSLContext) -> bool:
    return any(
        ("commonName", "authority") in names for one in context.get_ca_certs() for names in one["subject"]
    )


def test_an_own_authority_is_trusted_alone() -> None:
    context = own_trust(authority().pem)
    assert knows_authority(context)
    assert len(context.get_ca_certs()) == 1
    assert not knows_authority(system_trust())


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


def shaken(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """The server's side of a handshake in memory. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return answering


def test_an_upstream_that_signed_itself_is_trusted_by_its_own_certificate(tmp_path: Path) -> None:
    files = issued("self", names=("llm.internal",)).write(tmp_path, "self")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*files)
    pem = Path(files[0]).read_text(encoding="ascii")
    assert shaken(own_trust(pem), server, "llm.internal").version() == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shaken(own_trust(pem), server, "other.internal")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        shaken(own_trust(authority().pem), server, "llm.internal")


def test_comments_are_in_any_language() -> None:
    assert knows_authority(own_trust(f"# Főtanúsítvány\n{authority().pem}"))


def test_a_certificate_is_trusted_without_its_root(tmp_path: Path) -> None:
    pair = issued("server", authority().pair, names=("llm.internal",))
    files = pair.write(tmp_path, "leaf")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*files)
    assert shaken(own_trust(Path(files[0]).read_text(encoding="ascii")), server, "llm.internal").version()


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_certificate_is_shown(monkeypatch: pytest.MonkeyPatch, in_memory: bool) -> None:
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create")
    server = authority().server("llm.internal", asks_clients=True)
    shown = shaken(own_trust(authority().pem, *authority().client_pem()), server, "llm.internal")
    certificate = shown.getpeercert()
    assert certificate is not None
    assert certificate["subject"] == ((("commonName", "client"),),)


def test_nothing_is_left_open() -> None:
    own_trust(authority().pem, *authority().client_pem())
    before = set(os.listdir("/dev/fd"))  # noqa: PTH208  names alone
    own_trust(authority().pem, *authority().client_pem())
    assert set(os.listdir("/dev/fd")) == before  # noqa: PTH208  as above


@pytest.mark.parametrize(
    ("ca", "cert", "key", "said"),
    [
        ("nothing", None, None, "the certificates of tls.ca can't be read"),
        ("\u00e9", None, None, "the certificates of tls.ca can't be read"),
        (None, "nothing", "nothing", "the certificate or tls.key can't be read"),
        (None, "certificate", "other key", "tls.key is not the key of the certificate"),
        (None, "certificate", "sealed key", "tls.key is encrypted with a password"),
        (None, "certificate", None, "the certificate or tls.key can't be read"),
    ],
)
def test_what_can_not_be_used_is_told_and_not_repeated(
    ca: str | None, cert: str | None, key: str | None, said: str, tmp_path: Path
) -> None:
    certificate, own_key = authority().client_pem()
    other = Path(issued("other").write(tmp_path, "other")[1]).read_text(encoding="ascii")
    texts = {
        "certificate": certificate,
        "other key": other,
        "sealed key": authority().client_pem(b"password")[1],
    }
    with pytest.raises(InvalidInput) as caught:
        own_trust(ca, texts.get(cert, cert) if cert else None, texts.get(key, key) if key else None)
    assert caught.value.message == said
    assert own_key not in str(caught.value)


def test_a_config_without_it_has_none() -> None:
    assert tls_of({}, {}) is None
    assert files_of({}, Reach()) == {}
    assert files_of({"tls": {"ca": "PEM"}}, Reach()) == {}


def test_a_name_alone_is_trusted_as_everybody_is() -> None:
    assert tls_of({"tls": {"serverName": "llm.internal"}}, {}) == UpstreamTLS(None, "llm.internal")


def test_what_is_written_and_what_is_read(tmp_path: Path) -> None:
    certificate, key = authority().client_pem()
    ca_file, cert_file = tmp_path / "ca", tmp_path / "cert"
    ca_file.write_text(authority().pem, encoding="ascii")
    cert_file.write_text(certificate, encoding="ascii")
    config: JsonObject = {"tls": {"caFile": str(ca_file), "certFile": str(cert_file), "key": "sealed"}}
    read = files_of(config, Reach(file_folders=(str(tmp_path),)))
    assert read == {"tls.caFile": authority().pem, "tls.certFile": certificate}
    found = tls_of(config, {**read, "tls.key": key})
    assert found is not None
    assert found.server_name is None
    assert found.context is not None
    assert knows_authority(found.context)
    inline = tls_of({"tls": {"ca": authority().pem, "cert": certificate, "key": "sealed"}}, {"tls.key": key})
    assert inline is not None
    assert inline.context is not None
