"""Hosts and origins as they are compared: one spelling for each."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

_AUTHORITY = re.compile(
    r"(?:\[(?P<v6>[^\[\]\s/?#@:]*:[^\[\]\s/?#@]*)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{0,5}))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Authority:
    """Host and port as compared: lower case, without a final dot; `port` is "" where none was written."""

    host: str
    port: str
    literal: bool


def parse_authority(text: str) -> Authority | None:
    """`HOST[:PORT]` of a Host header or an origin; None where it is neither a name nor an IP literal."""
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    port = match["port"] or ""
    if match["v6"] is not None:
        return Authority(match["v6"].lower(), port, literal=True) if _is_address(match["v6"]) else None
    host = match["name"].lower().removesuffix(".")
    return Authority(host, port, literal=_is_address(host)) if host else None


def same_host(authority: str, host: str, scheme: str) -> bool:
    """Whether a request's target and its Host header name one host and port (RFC 9112, 3.2.2)."""
    return authority == host or (
        parse_authority(authority) is not None
        and parse_authority(host) is not None
        and origin_of(f"{scheme}://{authority}") == origin_of(f"{scheme}://{host}")
    )


def origin_of(text: str) -> str:
    """An origin as compared: lower case, no default port. What is no origin (`null`) stays as it is."""
    scheme, separator, rest = text.lower().partition("://")
    authority = parse_authority(rest) if separator else None
    if authority is None:
        return text.lower()
    host = f"[{authority.host}]" if ":" in authority.host else authority.host
    port = "" if authority.port in {"", _DEFAULT_PORTS.get(scheme)} else f":{authority.port}"
    return f"{scheme}://{host}{port}"


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text) if ":" in text else IPv4Address(text)
    except ValueError:
        return False
    return True
