"""Which requests go through a proxy, as the environment says: HTTP_PROXY, HTTPS_PROXY, NO_PROXY (small letters first)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote

from reconciler.gateway.transport.http1.origin import Origin, Unsendable, parse_url


@dataclass(frozen=True, slots=True)
class Proxy:
    """`authorization` is the header's value. `fault`: why it can't be used; a request is then refused, not sent past it."""

    origin: Origin | None
    authorization: str | None = field(default=None, repr=False)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Exempt:
    """One entry of NO_PROXY. `port` None: all."""

    name: str
    port: int | None
    network: IPv4Network | IPv6Network | None

    def covers(self, origin: Origin) -> bool:
        if self.port not in {None, origin.port}:
            return False
        if self.network is not None:
            address = _address(origin.host)
            return address is not None and address in self.network
        return origin.host == self.name or origin.host.endswith("." + self.name)


@dataclass(frozen=True, slots=True)
class Proxies:
    """By scheme of the upstream. Loopback is always reached directly: what runs beside us is behind no proxy."""

    by_scheme: Mapping[str, Proxy] = field(default_factory=dict)
    exempt: tuple[_Exempt, ...] = ()
    none: bool = False

    def of(self, origin: Origin) -> Proxy | None:
        proxy = self.by_scheme.get(origin.scheme)
        if proxy is None or self.none or _is_loopback(origin.host):
            return None
        return None if any(one.covers(origin) for one in self.exempt) else proxy


NO_PROXIES = Proxies()


def proxies(environ: Mapping[str, str]) -> Proxies:
    """Never raises: what can't be used is told by the requests that would need it."""
    written = {scheme: _variable(environ, f"{scheme}_proxy") for scheme in ("http", "https")}
    entries = [entry.strip() for entry in _variable(environ, "no_proxy").split(",")]
    return Proxies(
        {scheme: _proxy(value, f"{scheme.upper()}_PROXY") for scheme, value in written.items() if value},
        tuple(_exempt(entry.lower()) for entry in entries if entry not in {"", "*"}),
        none="*" in entries,
    )


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _proxy(written: str, variable: str) -> Proxy:
    scheme, mark, rest = written.rpartition("://")
    login, at, place = rest.rstrip("/").rpartition("@")
    try:
        origin, target = parse_url(f"{scheme if mark else 'http'}://{place}")
    except Unsendable:
        return Proxy(None, fault=f"{variable} is no URL of a proxy")
    if origin.tls or target != "/":
        return Proxy(None, fault=f"{variable} is no URL such as http://proxy:3128")
    if not at:
        return Proxy(origin)
    user, _, password = login.partition(":")
    token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")
    return Proxy(origin, f"Basic {token}")


def _exempt(entry: str) -> _Exempt:
    name, _, port = entry.rpartition(":")
    if not port.isdecimal() or (":" in name and not name.endswith("]")):
        name, port = entry, ""
    name = name.strip("[]").removeprefix("*").strip(".")
    try:
        network = ip_network(name, strict=False)
    except ValueError:
        network = None
    return _Exempt(name, int(port) if port else None, network)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
