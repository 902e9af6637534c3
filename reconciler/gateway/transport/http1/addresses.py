"""Where a name's hosts are: asked once, kept for a while, and asked again without anybody waiting for it."""

import asyncio
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import TypeAlias

FRESH_SECONDS = 30.0
"""Resolvers don't tell how long an answer holds."""

Address: TypeAlias = tuple[
    socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
]
Place: TypeAlias = tuple[str, int]


@dataclass(slots=True)
class _Known:
    addresses: tuple[Address, ...]
    at: float
    failed: dict[Address, None] = field(default_factory=dict)


class Addresses:
    """For all upstreams of a process: hosts that several name are asked for once."""

    def __init__(self, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._fresh_seconds = fresh_seconds
        self._known: dict[Place, _Known] = {}
        self._lookups: dict[Place, asyncio.Task[_Known]] = {}

    async def of(self, host: str, port: int) -> tuple[Address, ...]:
        """In the order in which to try them. Old answers are good until new ones are there. Raises OSError."""
        literal = _literal(host, port)
        if literal is not None:
            return (literal,)
        loop = asyncio.get_running_loop()
        place = host, port
        known = self._known.get(place)
        if known is None or loop.time() - known.at > self._fresh_seconds:
            lookup = self._lookups.get(place)
            if lookup is None:
                lookup = self._lookups[place] = loop.create_task(self._look_up(place, known))
                lookup.add_done_callback(lambda _: self._lookups.pop(place, None))
                lookup.add_done_callback(_heard)
            if known is None:
                known = await asyncio.shield(lookup)
        return _ordered(known)

    def failed(self, host: str, port: int, address: Address) -> None:
        """To be tried last from now on, until it works again."""
        known = self._known.get((host, port))
        if known is not None:
            known.failed.pop(address, None)
            known.failed[address] = None

    def worked(self, host: str, port: int, address: Address) -> None:
        known = self._known.get((host, port))
        if known is not None and known.failed:
            known.failed.pop(address, None)

    async def aclose(self) -> None:
        lookups = tuple(self._lookups.values())
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)

    async def _look_up(self, place: Place, before: _Known | None) -> _Known:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(*place, type=socket.SOCK_STREAM)
        addresses: tuple[Address, ...] = tuple(
            dict.fromkeys((family, address) for family, _, _, _, address in found)
        )
        failed = {} if before is None else {one: None for one in before.failed if one in addresses}
        known = self._known[place] = _Known(addresses, loop.time(), failed)
        return known


def _literal(host: str, port: int) -> Address | None:
    try:
        version = ip_address(host).version
    except ValueError:
        return None
    return (socket.AF_INET, (host, port)) if version == 4 else (socket.AF_INET6, (host, port, 0, 0))


def _ordered(known: _Known) -> tuple[Address, ...]:
    """Families by turns, the system's first choice first (RFC 8305, 4); what failed last, longest ago first."""
    first = known.addresses[0][0] if known.addresses else None
    preferred = [one for one in known.addresses if one[0] == first]
    others = [one for one in known.addresses if one[0] != first]
    mixed = [one for one in chain(*zip_longest(preferred, others)) if one is not None]
    if not known.failed:
        return tuple(mixed)
    return (*(one for one in mixed if one not in known.failed), *known.failed)


def _heard(lookup: "asyncio.Task[_Known]") -> None:
    """A refresh that fails is nobody's failure: the old answers stay, and the next connection asks again."""
    if not lookup.cancelled():
        lookup.exception()
