"""Whether a listener may be reached by others without a key. Nobody spends the owner's money without an explicit word."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Protocol

from reconciler.bootstrap.acknowledgements import News
from reconciler.errors import Refused, RouterctlError
from reconciler.listener.sockets import Address
from reconciler.resources.state import State
from reconciler.snapshot.clients import keys_required

_LOOK_SECONDS = 1.0
FLAG = "--allow-unauthenticated"


class StateReader(Protocol):
    def head(self) -> int: ...

    def state(self) -> State: ...


def is_exposed(address: Address) -> bool:
    """Whether others than this machine can reach it. `address` is that of a bound socket."""
    return not ip_address(address.host.partition("%")[0]).is_loopback


def require_keys(address: Address, state: State) -> None:
    """Raises Refused where others could ask without a key. Where nothing is stored yet, workers answer nobody."""
    if not is_exposed(address) or keys_required(state.lasting()) or not state.revision:
        return
    raise Refused(
        f"--listen {address} can be reached from other machines, and no keys are asked for: whoever reaches it spends your "
        "money",
        hint="set auth.dataPlane: keys in the Settings of the namespace default, listen on 127.0.0.1, or, where something "
        f"before it asks who comes, add {FLAG}",
    )


async def tell_while_closed(address: Address, reader: StateReader, tell: Callable[[News], None]) -> None:
    """Until cancelled: once when workers begin to answer nobody there, since no keys are asked for, and once when they
    answer again. What can't be read is told by who serves.
    """
    closed, seen = False, -1
    while True:
        with suppress(RouterctlError):
            head = await asyncio.to_thread(reader.head)
            if head != seen:
                now = not keys_required((await asyncio.to_thread(reader.state)).lasting())
                if now != closed:
                    tell(_closed(address) if now else _open(address))
                closed, seen = now, head
        await asyncio.sleep(_LOOK_SECONDS)


def _closed(address: Address) -> News:
    words = f"--listen {address} can be reached from other machines, and no keys are asked for: it answers nobody (403) "
    return News(logging.WARNING, words + "until the Settings say auth.dataPlane: keys")


def _open(address: Address) -> News:
    return News(logging.INFO, f"keys are asked for: --listen {address} answers who has one")
