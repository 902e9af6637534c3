"""Decides whether a connection may be made, when it is made: on the address that its host's name led to.

One for all upstreams of a process. A request over a kept connection asks nothing here: a policy that comes into force
lets go of the connections that it would not make.
"""

import logging
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Protocol
from weakref import WeakSet

from reconciler.gateway.transport.failures import EgressDenied
from reconciler.provider_types.destinations import Address, faces
from reconciler.snapshot.egress import OPEN, Denial, Egress, Place

MOST_TOLD = 256
"""Refusals that the log remembers having told, one policy long."""

_log = logging.getLogger(__name__)


class Rechecked(Protocol):
    def recheck(self) -> None:
        """Let go of the connections that would not be made any more."""
        ...


def is_own(address: Address) -> bool:
    """Whether it is one of this machine's: the system lets nobody bind another's."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.bind((str(address), 0))
        except OSError:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the gateway itself listens. `address` is unspecified where that is on all of this machine's."""

    address: Address
    port: int

    def covers(self, address: Address, port: int) -> bool:
        if port != self.port:
            return False
        return is_own(address) if self.address.is_unspecified else address in faces(self.address)


def own_listeners(bound: Iterable[tuple[str, int]]) -> tuple[Listener, ...]:
    """Of addresses and ports that the gateway's sockets are bound to."""
    return tuple(Listener(ip_address(host), port) for host, port in bound)


class EgressGate:
    """`own` are the gateway's listeners. Used on one event loop; `policy` is changed by `enforce` alone."""

    def __init__(self, own: Sequence[Listener] = ()) -> None:
        self.policy: Egress = OPEN
        self._own = tuple(own)
        self._watching: WeakSet[Rechecked] = WeakSet()
        self._told: set[str] = set()

    def watch(self, transport: Rechecked) -> None:
        self._watching.add(transport)

    def enforce(self, policy: Egress) -> None:
        """From now on, for kept connections, too."""
        if policy == self.policy:
            return
        self.policy = policy
        self._told.clear()
        for transport in tuple(self._watching):
            transport.recheck()

    def denial(self, place: Place, address: Address) -> Denial | None:
        if any(own.covers(face, place.port) for face in faces(address) for own in self._own):
            return Denial(f"{place.host}:{place.port} is this gateway itself, and no provider may be there")
        return self.policy.denial(place, address)

    def proxied_denial(self, place: Place) -> Denial | None:
        """Where a proxy looks the name up."""
        return self.policy.of_proxied(place)

    def denied(self, denial: Denial) -> EgressDenied:
        """To be raised. The log tells it once."""
        text = str(denial)
        if text not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(text)
            _log.warning("egress refused: %s", text)
        return EgressDenied(text)
