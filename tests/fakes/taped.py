"""What stands between the machine and a client, and who is answered behind it."""

from reconciler.gateway.dispatch.outcome import Headers
from reconciler.gateway.tape import Tape
from reconciler.gateway.trace_context import TraceContext


class ReplyRecorder:
    """Who is answered."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:
        self.told.append(("head", status, headers, length))

    def data(self, chunk: bytes) -> None:
        self.told.append(chunk)

    def finish(self) -> None:
        self.told.append("finish")

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.told.append(("answer", status, headers, body))

    def abort(self) -> None:
        self.told.append("abort")


def traced(trace: TraceContext) -> Tape:
    """As where traces are exported and bodies are not kept."""
    return Tape(ReplyRecorder(), b"{}", 0, trace)
