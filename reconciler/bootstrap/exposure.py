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


class ClosedListener:
    """Whether workers answer nobody there, since others could ask and no keys are asked for."""

    def __init__(self, address: Address, reader: StateReader, tell: Callable[[News], None]) -> None:
        self._address = address
        self._reader = reader
        self._tell = tell
        self.problem = ""
        """In one line, while it is so."""

    async def watch(self) -> None:
        """Until cancelled: tells once when it begins, and once when it ends. What can't be read is told by who serves."""
        seen = -1
        while True:
            with suppress(RouterctlError):
                head = await asyncio.to_thread(self._reader.head)
                if head != seen:
                    state = await asyncio.to_thread(self._reader.state)
                    self._note(closed=not keys_required(state.lasting()))
                    seen = head
            await asyncio.sleep(_LOOK_SECONDS)

    def _note(self, *, closed: bool) -> None:
        if closed == bool(self.problem):
            return
        news = _closed(self._address) if closed else _open(self._address)
        self.problem = news.text if closed else ""
        self._tell(news)


def _closed(address: Address) -> News:
    words = f"--listen {address} can be reached from other machines, and no keys are asked for: it answers nobody (403) "
    return News(logging.WARNING, words + "until the Settings say auth.dataPlane: keys")


def _open(address: Address) -> News:
    return News(logging.INFO, f"keys are asked for: --listen {address} answers who has one")
