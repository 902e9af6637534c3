"""A request in its connection's queue that goes to ASGI."""

from collections.abc import Callable

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class ColdTurn:
    """As `hot_turn.Turn`, to its connection."""

    def __init__(
        self,
        cycle: RequestResponseCycle,
        app: ASGI3Application,
        run: Callable[[RequestResponseCycle, ASGI3Application], None],
    ) -> None:
        self.cycle = cycle
        self.started = False
        self._app = app
        self._run = run

    @property
    def received(self) -> bool:
        return not self.cycle.more_body

    @property
    def keep_alive(self) -> bool:
        return self.cycle.keep_alive

    @keep_alive.setter
    def keep_alive(self, value: bool) -> None:
        self.cycle.keep_alive = value

    def proceed(self) -> None:
        if not self.started:
            self.started = True
            self._run(self.cycle, self._app)

    def gone(self) -> None:
        self.cycle.disconnected = True
        self.cycle.message_event.set()

    def blocked(self) -> None: ...

    def writable(self) -> None: ...
