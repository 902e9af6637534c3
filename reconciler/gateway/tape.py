"""What clients and upstreams said, kept for the records, where the Settings ask for it: bounded, beside the traffic."""

from reconciler.gateway.dispatch.outcome import Headers
from reconciler.gateway.dispatch.ports import Client
from reconciler.gateway.trace_context import TraceContext


class Tape:
    """A `Client` that passes everything on, and keeps up to `limit` bytes of the request and of the answer each.

    `limit` may be 0: then it only bears the `trace`.
    """

    __slots__ = ("_client", "_limit", "answer_bytes", "answered", "request", "request_bytes", "trace")

    def __init__(self, client: Client, request: bytes, limit: int, trace: TraceContext | None = None) -> None:
        self._client = client
        self._limit = limit
        self.request = request[:limit]
        self.request_bytes = len(request)
        self.answered = bytearray()
        self.answer_bytes = 0
        self.trace = trace

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        self._client.head(status, headers, length)

    def data(self, chunk: bytes) -> None:
        self._keep(chunk)
        self._client.data(chunk)

    def finish(self) -> None:
        self._client.finish()

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self._keep(body)
        self._client.answer(status, headers, body)

    def abort(self) -> None:
        self._client.abort()

    def _keep(self, chunk: bytes) -> None:
        room = self._limit - len(self.answered)
        if room > 0:
            self.answered += chunk[:room]
        self.answer_bytes += len(chunk)
