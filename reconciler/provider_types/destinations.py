"""What an address is, as far as egress goes: never a provider's, of this machine or network, or public. Pure.

The tables are IANA's registries of special addresses. They stand here, because the standard library's differ from one
release of Python to the next, and know no metadata services.
"""

from enum import Enum
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


class Zone(Enum):
    PUBLIC = 0
    LOCAL = 1
    """This machine, or a network that is somebody's own: whoever reaches it counts as one of its own there."""
    FORBIDDEN = 2
    """Where no provider is, and what gives credentials to whoever asks often is."""


class Kind(NamedTuple):
    """`word` completes "it is"."""

    zone: Zone
    word: str


def _table(zone: Zone, rows: dict[str, str]) -> list[tuple[Network, Kind]]:
    return [(ip_network(one), Kind(zone, word)) for word, listed in rows.items() for one in listed.split()]


_TABLE = (
    *_table(
        Zone.FORBIDDEN,
        {
            "the address of a metadata service": "169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 "
            "192.0.0.192 fd00:ec2::254 fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42",
            "a link-local address": "169.254.0.0/16 fe80::/10",
            "an unspecified address": "0.0.0.0/8 ::/128",
            "a multicast address": "224.0.0.0/4 ff00::/8",
            "a broadcast address": "255.255.255.255",
        },
    ),
    *_table(
        Zone.LOCAL,
        {
            "a loopback address": "127.0.0.0/8 ::1",
            "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10 64:ff9b:1::/48",
            "a reserved address": "192.0.0.0/24 192.0.2.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
            "2001:db8::/32 3fff::/20",
        },
    ),
)
_PUBLIC = Kind(Zone.PUBLIC, "a public address")
_RESERVED = Kind(Zone.LOCAL, "a reserved address")
_ROUTED = tuple(IPv6Network(each) for each in ("2000::/3", "64:ff9b::/96"))
"""Of IPv6 nothing else is public."""

METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"})
"""For who does not learn their addresses: behind a proxy."""

_WRAPPED_BELOW = tuple(
    IPv6Network(each) for each in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
"""IPv4-compatible, IPv4-translated (RFC 2765), NAT64 (RFC 6052), NAT64 of an own network (RFC 8215): the last 32 bits."""
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def kind_of(address: Address) -> Kind:
    """Of the address itself, whatever it wraps."""
    for network, kind in _TABLE:
        if address in network:  # never where the versions differ
            return kind
    if isinstance(address, IPv6Address) and not any(address in network for network in _ROUTED):
        return _RESERVED
    return _PUBLIC


def never(network: Network) -> str | None:
    """What all of a network is, where no provider may be in any of it."""
    first, last = network.network_address, network.broadcast_address
    forbidden = ((one, kind) for one, kind in _TABLE if kind.zone is Zone.FORBIDDEN)
    return next((kind.word for one, kind in forbidden if first in one and last in one), None)


def faces(address: Address) -> tuple[Address, ...]:
    """All that a connection to it may reach: itself, and the IPv4 addresses that something on the way may take it for."""
    if isinstance(address, IPv4Address):
        return (address,)
    plain = IPv6Address(int(address))  # without its zone
    if plain.ipv4_mapped is not None:  # which the system itself takes for IPv4
        return (plain.ipv4_mapped,)
    found: list[Address] = [plain]
    if plain.sixtofour is not None:
        found.append(plain.sixtofour)
    if plain.teredo is not None:
        found += plain.teredo
    low = int(plain) & 0xFFFFFFFF
    wraps = low > 1 and any(plain in network for network in _WRAPPED_BELOW)  # :: and ::1 are no IPv4
    if wraps or (int(plain) >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(low))
    return tuple(found)


def worst(address: Address) -> Kind:
    """The gravest of its faces."""
    return max((kind_of(face) for face in faces(address)), key=lambda kind: kind.zone.value)


def plain_host(host: str) -> str:
    """As hosts are compared: lower case, no brackets, no final dot."""
    return host.strip("[]").lower().removesuffix(".")


def literal(host: str) -> Address | None:
    """The address that a resolver makes of `host` without asking anybody; None for a name.

    127.1, 2130706433, 0177.0.0.1 and 0x7f.1 are 127.0.0.1 (inet_aton(3)).
    """
    host = plain_host(host)
    try:
        return ip_address(host)
    except ValueError:
        return _numbers_and_dots(host)


def _numbers_and_dots(host: str) -> IPv4Address | None:
    parts = host.split(".")
    numbers = [_number(part) for part in parts]
    if len(parts) > 4 or None in numbers:
        return None
    *leading, last = (number or 0 for number in numbers)
    if any(number > 255 for number in leading) or last >= 256 ** (4 - len(leading)):
        return None
    value = last
    for place, number in enumerate(leading):
        value += number << (24 - 8 * place)
    try:
        return IPv4Address(value)
    except AddressValueError:  # pragma: no cover  the bounds are checked above
        return None


def _number(part: str) -> int | None:
    """As C writes numbers: 0x7f, 0177, 127."""
    if not part.isascii() or not part.isalnum():
        return None
    base = 16 if part.startswith("0x") else 8 if part.startswith("0") and len(part) > 1 else 10
    try:
        return int(part, base) if base != 8 else int(part[1:], 8)
    except ValueError:
        return 0 if part == "0x" else None
