"""Whether a program is there, as a probe asks: nothing is started."""

import asyncio

from reconciler.gateway.transport.base import Failure, Sink


class Look:
    """Fits transport.base.Exchange. `problem` None: it is there, and may be run."""

    def __init__(self, problem: str | None, sink: Sink) -> None:
        self._sink: Sink | None = sink
        asyncio.get_running_loop().call_soon(self._tell, problem)

    def pause(self) -> None:
        """There is nothing to hold back."""

    def resume(self) -> None:
        """As above."""

    def cancel(self) -> None:
        self._sink = None

    def _tell(self, problem: str | None) -> None:
        sink, self._sink = self._sink, None
        if sink is not None and problem is None:
            sink.whole(200, (("content-type", "application/json"),), b"{}")
        elif sink is not None:
            sink.error(Failure.CONNECT, problem or "")
