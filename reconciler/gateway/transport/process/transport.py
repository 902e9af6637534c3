"""The transport of providers that are programs."""

from reconciler.errors import RouterctlError
from reconciler.gateway.transport.base import Exchange, Failure, Sink
from reconciler.gateway.transport.process.exchange import ProcessExchange
from reconciler.gateway.transport.process.leash import WardenProcess
from reconciler.gateway.transport.process.look import Look
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.cli import LOOK, SCHEME
from reconciler.snapshot.model import Timeouts
from reconciler.snapshot.programs import Program


class ProcessTransport:
    """Fits transport.base.Transport. Of one provider: so is its warden."""

    def __init__(self, program: Program, warden: WardenProcess | None = None) -> None:
        self._program = program
        self._warden = WardenProcess() if warden is None else warden
        self._under_way: set[ProcessExchange] = set()
        self._retired = False

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        model = request.url.removeprefix(SCHEME)
        if request.method == LOOK:
            return Look(self._problem(), sink)
        exchange = ProcessExchange(self._program, sink, self._warden, self._over)
        self._under_way.add(exchange)
        exchange.start(model, request.body, timeouts.connect)
        return exchange

    def retire(self) -> None:
        self._retired = True
        if not self._under_way:
            self._warden.close()

    async def aclose(self) -> None:
        for exchange in tuple(self._under_way):
            exchange.fail(Failure.STOPPING, "the gateway ended the program")
        self._warden.close()

    def _over(self, exchange: ProcessExchange) -> None:
        self._under_way.discard(exchange)
        if self._retired and not self._under_way:
            self._warden.close()

    def _problem(self) -> str | None:
        try:
            self._program.start("", "")
        except RouterctlError as error:
            return error.message
        return None
