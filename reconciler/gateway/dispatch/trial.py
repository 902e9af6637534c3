"""One attempt at one candidate: what its upstream answers, told to the machine as what it means for the request."""

from typing import Protocol

from reconciler.gateway.dispatch import answers
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.credentials import masked
from reconciler.gateway.dispatch.outcome import Attempt, Headers, Told
from reconciler.gateway.dispatch.relay import Broken, Relay
from reconciler.gateway.dispatch.usage import refuses_to_tell, used
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Exchange, Failure
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.translation import Unasked


class Hearing(Protocol):
    """Who the attempt is for."""

    def relay_of(self, trial: "Trial") -> Relay: ...

    def refusing(self, trial: "Trial") -> None:
        """Its head says that it is an error; the text is to come."""
        ...

    def refused(self, trial: "Trial", body: bytes) -> None:
        """`body` is empty where the error's text can't be had."""
        ...

    def passes(self, trial: "Trial", passed: bytes) -> None:
        """More of the answer; empty where nothing of what came may be sent yet."""
        ...

    def flows(self, trial: "Trial", passed: bytes) -> None:
        """As `passes`, in the middle of a stream that has begun."""
        ...

    def ended(self, trial: "Trial") -> None: ...

    def answered(self, trial: "Trial", body: bytes) -> None:
        """All of a plain answer, at once."""
        ...

    def broken(self, trial: "Trial", failure: Failure, reason: str) -> None: ...

    def bug(self, error: Exception) -> None: ...


class Trial:
    """A `Sink`. `over`: whatever is still told is not heard. `refusal` and `relay` are there once its head is."""

    asks_usage = False
    over = False
    status: int | None = None
    headers: Headers = ()
    first_byte: float | None = None
    refusal: bytearray | None = None
    silence = 0.0
    """Seconds between two pieces of a stream at most; set with its first."""

    def __init__(
        self, machine: Hearing, routed: RoutedCandidate, request: UpstreamRequest, started: float
    ) -> None:
        self.machine = machine
        self.routed = routed
        self.request = request
        self.started = started
        self.exchange: Exchange | None = None
        self.relay: Relay | None = None

    # --- from the transport ---------------------------------------------------------------------------------

    def head(self, status: int, headers: Headers) -> None:
        if self.over or self.status is not None:
            return
        machine = self.machine
        try:
            self.status, self.headers = status, headers
            if 400 <= status <= 599:
                self.refusal = bytearray()
                machine.refusing(self)
                return
            complaint = answers.complaint(status, headers)
            if complaint:
                self.cancel()
                machine.broken(self, Failure.BROKEN, complaint)
            else:
                self.relay = machine.relay_of(self)
        except Exception as error:  # noqa: BLE001  no loop and no parser that called is the place for it
            self.over = True
            machine.bug(error)

    def data(self, chunk: bytes) -> None:
        if self.over:
            return
        machine = self.machine
        try:
            relay = self.relay
            if relay is not None:
                flow = relay.flow
                if flow is not None and (passed := flow(chunk)):
                    machine.flows(self, passed)
                elif not relay.done:
                    machine.passes(self, relay.feed(chunk))
            elif self.refusal is not None:
                self.refusal += chunk
                if len(self.refusal) > answers.MAX_ERROR_BODY:
                    self.cancel()
                    machine.refused(self, b"")
        except Broken as broken:
            self.cancel()
            machine.broken(self, Failure.BROKEN, str(broken))
        except Exception as error:  # noqa: BLE001  as above
            machine.bug(error)

    def end(self) -> None:
        if self.over:
            return
        self.over = True
        machine = self.machine
        try:
            if self.relay is not None:
                machine.ended(self)
            elif self.refusal is not None:
                machine.refused(self, bytes(self.refusal))
            else:
                machine.broken(self, Failure.BROKEN, "ended without an answer")
        except Exception as error:  # noqa: BLE001  as above
            machine.bug(error)

    def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """As `head`, `data` and `end` in one."""
        if self.over or self.status is not None:
            return
        self.head(status, headers)
        relay = self.relay
        if relay is None or relay.streaming or self.over:
            if body:
                self.data(body)
            self.end()
            return
        self.over = True
        try:
            self.machine.answered(self, body)
        except Exception as error:  # noqa: BLE001  as above
            self.machine.bug(error)

    def error(self, failure: Failure, reason: str) -> None:
        if self.over:
            return
        self.over = True
        machine = self.machine
        try:
            if self.refusal is not None:
                machine.refused(self, b"")
            elif self.complete:
                machine.ended(self)
            else:
                machine.broken(self, failure, reason)
        except Exception as error:  # noqa: BLE001  as above
            machine.bug(error)

    @property
    def complete(self) -> bool:
        """All of a stream has come, by its own account. What still comes is its framing, and SDKs leave before that: they have
        not left the answer.
        """
        return self.relay is not None and self.relay.done

    # --- from the machine -----------------------------------------------------------------------------------

    def cancel(self) -> None:
        self.over = True
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.cancel()

    @property
    def unasked(self) -> bool:
        """Whether its answer is the adapter's own: the upstream has no words for the request, and was not asked."""
        return isinstance(self.request.translator, Unasked)

    def told(self, body: bytes, ask: Ask) -> Told:
        """Its refusal, as the client gets it."""
        provider, shape, rates = self.routed.candidate.provider, ask.row.errors, not ask.rates
        status, headers, request = self.status or 0, self.headers, self.request
        return (*answers.refusal(status, headers, body, request, provider, shape, rates=rates), provider)

    def tellable(self, passed: bytes) -> bytes:
        """An answer passes as it is; an error that a stream ends with may repeat the credential."""
        failed = self.relay is not None and self.relay.failed
        return masked(passed, self.request) if failed else passed

    def refuses_usage(self, body: bytes) -> bool:
        """Whether its error is about the usage that it was asked for, which the client can't take back."""
        return self.asks_usage and refuses_to_tell(self.status or 0, body)

    def used(self, ask: Ask) -> Usage | None:
        """By an answer that began, whole or not."""
        return None if self.relay is None else used(ask.row, ask.body, self.relay)

    def attempt(
        self, now: float, failure: Failure | None = None, reason: str = "", began: float = 0.0
    ) -> Attempt:
        """What is remembered of it. `began`: when its request did."""
        candidate, started = self.routed.candidate, self.started
        return Attempt(
            candidate.provider,
            candidate.binding,
            failure,
            reason,
            self.status,
            self.first_byte,
            now - started,
            "",
            started - began,
        )
