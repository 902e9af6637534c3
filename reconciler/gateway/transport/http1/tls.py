"""TLS to upstreams: whom to trust, and the sessions to go on with."""

import ssl
from pathlib import Path

MAX_SESSIONS = 512
"""Places whose last session is kept."""

_ELSEWHERE = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep their authorities, for an OpenSSL that was built for another one."""


class Sessions:
    """The last session with each place, all of one context.

    A session stands for a certificate that was verified when it began, by that context and for that very name.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], ssl.SSLSession] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def last(self, place: tuple[str, int]) -> ssl.SSLSession | None:
        return self._kept.get(place)

    def keep(self, place: tuple[str, int], session: ssl.SSLSession) -> None:
        self._kept.pop(place, None)
        if len(self._kept) >= MAX_SESSIONS:
            del self._kept[next(iter(self._kept))]
        self._kept[place] = session


def _verifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def system_trust() -> ssl.SSLContext:
    """Trusts what the system trusts, or SSL_CERT_FILE and SSL_CERT_DIR say. Takes some 20 ms; one serves all upstreams."""
    context = _verifying()
    context.set_default_verify_paths()
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        found = next((file for file in _ELSEWHERE if Path(file).is_file()), None)
        if found is not None:
            context.load_verify_locations(found)
    return context


def own_trust(
    ca_file: str | None, cert_file: str | None = None, key_file: str | None = None
) -> ssl.SSLContext:
    """Trusts `ca_file` alone (None: the system), and shows a certificate where it has one.

    Raises OSError, ssl.SSLError included, where a file can't be read or the key is not the certificate's.
    """
    if ca_file is None:
        context = system_trust()
    else:
        context = _verifying()
        context.load_verify_locations(ca_file)
    if cert_file is not None:
        context.load_cert_chain(cert_file, key_file, password=_no_password)
    return context


def _no_password() -> str:
    """Without this OpenSSL asks the terminal."""
    raise ssl.SSLError("the key is encrypted")
