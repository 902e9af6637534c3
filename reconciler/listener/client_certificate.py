"""Who a client is by the certificate that its TLS connection was verified with, on the ASGI scope.

It stands in the extension `tls` (ASGI's TLS extension), as `client_cert_names`.
"""

from asyncio import BaseTransport
from collections.abc import Iterable, Mapping

from uvicorn._types import HTTPScope

_EXTENSION = "tls"
_NAMES = "client_cert_names"
_KINDS = ("URI", "DNS", "email")


def names_of(certificate: Mapping[str, object] | None) -> tuple[str, ...]:
    """The names in a certificate, as `ssl` decodes it: those of subjectAltName, else the subject's common name (RFC 9525)."""
    if not certificate:
        return ()
    others = _pairs(certificate.get("subjectAltName"))
    names = [name for kind in _KINDS for told, name in others if told == kind]
    if names:
        return tuple(names)
    subject = certificate.get("subject")
    parts = [pair for part in (subject if isinstance(subject, tuple) else ()) for pair in _pairs(part)]
    return tuple(name for kind, name in parts if kind == "commonName")


def tell_certificate(scope: HTTPScope, transport: BaseTransport) -> None:
    """Writes into the scope of a request whom its connection's certificate names, where it has one."""
    secured = transport.get_extra_info("ssl_object")
    names = names_of(secured.getpeercert()) if secured is not None else ()
    if names:
        scope["extensions"] = {**scope.get("extensions", {}), _EXTENSION: {_NAMES: names}}


def certificate_names(scope: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the client's certificate, the most telling first; none where it showed none. They are verified."""
    extensions = scope.get("extensions")
    told = extensions.get(_EXTENSION) if isinstance(extensions, dict) else None
    names = told.get(_NAMES) if isinstance(told, dict) else None
    return names if isinstance(names, tuple) else ()


def _pairs(value: object) -> list[tuple[str, str]]:
    listed: Iterable[object] = value if isinstance(value, tuple) else ()
    return [(each[0], each[1]) for each in listed if isinstance(each, tuple) and len(each) == 2]
