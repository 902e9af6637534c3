"""The public keys of an issuer of tokens: from a file that may be read, or by https from where Settings.egress allows."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2

from reconciler.errors import Refused, RouterctlError, Unreachable
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.secrets.sources import read_certificates
from reconciler.settings import Reach
from reconciler.snapshot.egress import Egress, Place, egress
from reconciler.store.reader import Reader

SECONDS = 5.0
LARGEST = 256 * 1024
_PORTS = {"http": 80, "https": 443}
_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")


def fetch(reader: Reader, reach: Reach, place: str) -> bytes:
    """What is at a URL or in a file. Blocks for SECONDS at most, for each part. Raises RouterctlError."""
    if place.startswith("/"):
        return read_certificates(place, reach).encode()
    stored = reader.get(_SETTINGS)
    policy = egress({_SETTINGS: stored} if stored is not None else {}, guarded=reader.guarded())
    return fetch_url(place, policy)


def fetch_url(url: str, policy: Egress) -> bytes:
    """From the address that was judged: the name is not looked up again. Redirects are not followed."""
    parts = urlsplit(url)
    place = Place.of(parts.hostname or "", parts.port or _PORTS[parts.scheme])
    address = _address(place, policy)
    host = f"[{address}]" if ":" in address else address
    target = httpx2.URL(url).copy_with(host=host)
    headers = {"host": parts.netloc, "accept": "application/json"}
    try:
        with (
            httpx2.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", target, headers=headers, extensions={"sni_hostname": place.host}) as answer,
        ):
            return _body(answer, place)
    except httpx2.HTTPError as error:
        raise _not_had(place, type(error).__name__) from error


def _address(place: Place, policy: Egress) -> str:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _not_had(place, "its host is not found") from error
    addresses = list(dict.fromkeys(str(target[0]) for *_, target in found))
    denials = [policy.denial(place, ip_address(each)) for each in addresses]
    for address, denial in zip(addresses, denials, strict=True):
        if denial is None:
            return address
    raise Refused(f"the keys of the tokens' issuer may not be fetched: {denials[0]}")


def _body(answer: httpx2.Response, place: Place) -> bytes:
    if answer.status_code != 200:
        raise _not_had(place, f"status {answer.status_code}")
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise _not_had(place, "the answer is too large")
    return body


def _not_had(place: Place, why: str) -> RouterctlError:
    return Unreachable(f"the keys of the tokens' issuer can't be had from {place.host}: {why}")
