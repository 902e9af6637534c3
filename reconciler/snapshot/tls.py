"""A provider's `config.tls` → what its connections verify with. Nothing here can verify less than all of it.

OpenSSL reads a certificate and its key from files alone, so it is given files without a name: on Linux they never touch
a disk.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, value_at
from reconciler.secrets.nameless import nameless
from reconciler.secrets.sources import read_certificates
from reconciler.settings import Reach

KEY = "tls.key"
"""The secret field, as provider types name it."""

FILES = ("tls.caFile", "tls.certFile")
"""The fields of a config that name a file of certificates."""

_ELSEWHERE = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep their authorities, for an OpenSSL that was built for another one."""


@dataclass(frozen=True, slots=True)
class UpstreamTLS:
    """Fits model.TLS. `context` None: as for everybody else, by what the system trusts."""

    context: ssl.SSLContext | None
    server_name: str | None


def files_of(config: JsonObject, reach: Reach) -> Mapping[str, str]:
    """What stands in the files of certificates that a config names, by the field's name. Raises SecretError."""
    return {name: read_certificates(path, reach) for name, path in paths_of(config).items()}


def paths_of(config: JsonObject) -> Mapping[str, str]:
    """The files of certificates that a config names, by the field's name."""
    named = {name: value_at(config, tuple(name.split("."))) for name in FILES}
    return {name: path for name, path in named.items() if isinstance(path, str)}


def tls_of(config: JsonObject, read: Mapping[str, str]) -> UpstreamTLS | None:
    """`read` holds the contents of files and the key, by the field's name. Raises InvalidInput where they are no use."""
    written = config.get("tls")
    if not isinstance(written, dict):
        return None
    ca = _text(written.get("ca")) or read.get(FILES[0])
    cert = _text(written.get("cert")) or read.get(FILES[1])
    context = None
    if ca is not None or cert is not None:
        context = own_trust(ca, cert, read.get(KEY))
    return UpstreamTLS(context, _text(written.get("serverName")))


def _text(written: object) -> str | None:
    return written if isinstance(written, str) else None


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


def own_trust(ca: str | None, cert: str | None = None, key: str | None = None) -> ssl.SSLContext:
    """Trusts the certificates of `ca` alone (None: the system), and shows `cert` where there is one. All are PEM.

    Raises InvalidInput, which repeats nothing of them.
    """
    context = system_trust() if ca is None else _trusting(ca)
    if cert is not None:
        with nameless(cert.encode()) as cert_file, nameless((key or "").encode()) as key_file:
            try:
                context.load_cert_chain(cert_file, key_file, password=_no_password)
            except (ssl.SSLError, OSError) as error:
                raise _unusable(error) from None
    return context


def _verifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def _trusting(ca: str) -> ssl.SSLContext:
    """A certificate that was named is trusted, whoever signed it: an upstream's own, or one between it and its root."""
    context = _verifying()
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        # comments between certificates may be in any language, and OpenSSL takes ASCII
        context.load_verify_locations(cadata=ca.encode("ascii", "ignore").decode())
    except (ssl.SSLError, ValueError):
        raise InvalidInput("the certificates of tls.ca can't be read", hint="give them in PEM") from None
    return context


def _unusable(error: OSError) -> InvalidInput:
    if isinstance(error, _Encrypted):
        return InvalidInput("tls.key is encrypted with a password", hint="give the key without one")
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return InvalidInput(
            "tls.key is not the key of the certificate", hint="give the one that belongs to it"
        )
    return InvalidInput("the certificate or tls.key can't be read", hint="give both in PEM")


class _Encrypted(ssl.SSLError):
    pass


def _no_password() -> str:
    """Without this OpenSSL asks the terminal."""
    raise _Encrypted
