"""A sink that keeps what it hears, and holds a transport to the rules of the boundary."""

import asyncio

from fakes.waiting import until

from reconciler.gateway.transport.base import Exchange, Failure


class RecordingSink:
    """Fails the test where callbacks come in a wrong order, or after `forbid`."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.chunks: list[bytes] = []
        self.ended = False
        self.at_once = False
        self.failure: Failure | None = None
        self.reason = ""
        self.faults: list[str] = []
        self._forbidden = False

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def over(self) -> bool:
        return self.ended or self.failure is not None

    def forbid(self) -> None:
        """Nothing may be called from here on."""
        self._forbidden = True

    def cancel(self, exchange: Exchange) -> None:
        exchange.cancel()
        self.forbid()

    async def wait(self) -> None:
        await until(lambda: self.over, "the end of the exchange")
        self.check()

    def check(self) -> None:
        assert self.faults == []

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self._note("head", wrong=self.status is not None)
        self.status, self.headers = status, headers

    def data(self, chunk: bytes) -> None:
        self._note("data", wrong=self.status is None)
        self.chunks.append(chunk)

    def end(self) -> None:
        self._note("end", wrong=self.status is None)
        self.ended = True

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        """Kept as if it had come in pieces: most tests don't care. `at_once` says that it did not."""
        self.at_once = self.status is None
        self.head(status, headers)
        if body:
            self.data(body)
        self.end()

    def error(self, failure: Failure, reason: str) -> None:
        self._note("error", wrong=False)
        self.failure, self.reason = failure, reason

    def _note(self, name: str, *, wrong: bool) -> None:
        asyncio.get_running_loop()
        if wrong or self.over or self._forbidden:
            self.faults.append(name)


class PausingSink(RecordingSink):
    """Pauses its exchange, put into `exchanges`, when so many chunks have come."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.exchanges: list[Exchange] = []
        self._after = after

    def data(self, chunk: bytes) -> None:
        super().data(chunk)
        if len(self.chunks) == self._after:
            self.exchanges[0].pause()
