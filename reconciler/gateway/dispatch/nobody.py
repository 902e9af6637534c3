"""A client that hears nothing: the answer of an upstream is read to its end, and counted, after everybody left."""

from reconciler.gateway.dispatch.outcome import Headers


class Nobody:
    """A `Client`."""

    def head(self, status: int, headers: Headers, length: int | None = None) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def finish(self) -> None: ...

    def answer(self, status: int, headers: Headers, body: bytes) -> None: ...

    def abort(self) -> None: ...


NOBODY = Nobody()
