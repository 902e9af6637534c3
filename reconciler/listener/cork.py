"""What one turn of the event loop writes goes out at its end.

A turn of a busy worker reads from many connections. Were each answer sent as soon as it is there, who waits for it on the
same machine would be woken for each, fall asleep, and be woken again, at the expense of who sends: up to a tenth of a
request. Sent together they find it awake. Who is alone is never kept waiting.
"""

import asyncio
from typing import Final

HELD: Final = 16 * 1024
"""Bytes of one connection that wait for the end of a turn; more goes out at once, and flow control is asked as ever."""


class Cork:
    """Of connections that lead to one place: those of a listener, or to an upstream. For one event loop."""

    __slots__ = ("_holding", "connections")

    def __init__(self) -> None:
        self._holding: list[Corked] = []
        self.connections = 0

    def add(self, transport: "Corked") -> None:
        if not self._holding:
            asyncio.get_running_loop().call_soon(self._release)
        self._holding.append(transport)

    def _release(self) -> None:
        holding, self._holding = self._holding, []
        for transport in holding:
            transport.flush()  # it raises nothing: all others would wait for ever


class Corked:
    """As the asyncio.Transport that it stands before, whose every method that a protocol of ours or uvicorn's calls it has."""

    __slots__ = ("_cork", "_held", "_lost", "_transport")

    def __init__(self, transport: asyncio.Transport, cork: Cork) -> None:
        self._transport = transport
        self._cork = cork
        self._held = b""
        self._lost = False
        cork.connections += 1

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._held:
            if len(self._held) + len(data) <= HELD:
                self._held += data
                return
            self.flush()
        elif len(data) <= HELD and self._cork.connections > 1:
            self._held = bytes(data)
            if self._held:
                self._cork.add(self)
            return
        self._transport.write(data)

    def flush(self) -> None:
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            try:
                self._transport.write(held)
            except Exception:  # noqa: BLE001  it closes meanwhile, say; `connection_lost` tells
                self._transport.abort()

    def lost(self) -> None:
        """To be called once, by `connection_lost`."""
        self._held = b""
        self._cork.connections -= 1

    # --- the rest of a transport ----------------------------------------------------------------------------

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        return len(self._held) + self._transport.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: object = None) -> object:
        found: object = self._transport.get_extra_info(name, default)
        return found
