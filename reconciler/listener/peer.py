"""Which user of this machine is at the other end of a connection (Linux; elsewhere nobody is named).

The kernel lists every socket with the user that made it. A socket that its owner has closed is listed as root's, inode 0:
who sends a request and closes at once must not pass for root, so such a line tells nothing.
"""

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_PROC = Path("/proc")
_TABLES = ("net/tcp", "net/tcp6")

End = tuple[str, int]
"""Host, an IP address, and port."""


def is_loopback(host: str) -> bool:
    """Also as IPv4 inside IPv6."""
    address = _address(host)
    return address is not None and address.is_loopback


def peer_uid(client: End, server: End, proc: Path = _PROC) -> int | None:
    """The user whose socket at `client` is connected to ours at `server`; None where that can't be told for sure."""
    ends = (_written(client), _written(server))
    if None in ends:
        return None
    found = {uid for table in _TABLES for uid in _owners(proc / table, ends)}
    return found.pop() if len(found) == 1 else None


def _owners(table: Path, ends: tuple[object, object]) -> list[int]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for line in lines:
        columns = line.split()
        if len(columns) < 10 or (_read(columns[1]), _read(columns[2])) != ends:
            continue
        inode = columns[9]
        if inode != "0":
            found.append(int(columns[7]))
    return found


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _written(end: End) -> tuple[object, int] | None:
    address = _address(end[0])
    return None if address is None else (address, end[1])


def _read(column: str) -> tuple[object, int] | None:
    """32-bit words in the machine's byte order, in hexadecimal, and the port."""
    digits, _, port = column.partition(":")
    words = (bytes.fromhex(digits[at : at + 8]) for at in range(0, len(digits), 8))
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return _written((str(ip_address(packed)), int(port, 16)))
