"""Answers of the provider type `simulator`: no socket, no task, one timer an exchange.

An answer is a series of steps. Between two steps the loop runs, so hundreds of streams share it fairly.
"""

import asyncio
import hashlib
import math
import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reconciler.clock import Clock
from reconciler.gateway.transport.base import Exchange, Failure, Sink
from reconciler.gateway.transport.simulated import SPOKEN, Writer, token_count, words
from reconciler.protocol.chat import FinishReason, Identity, TextRequest
from reconciler.protocol.embeddings import embeddings_answer, read_embeddings
from reconciler.protocol.error_shapes import ErrorShape
from reconciler.protocol.errors import InvalidRequest, OpenAIError, endpoint_not_served
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.provider_types.simulator import Behaviour, SimulatorAdapter
from reconciler.snapshot.model import Timeouts, Upstream

Headers = tuple[tuple[str, str], ...]

_JSON: Headers = (("content-type", "application/json"),)
_EVENT_STREAM: Headers = (("content-type", "text/event-stream"), ("cache-control", "no-cache"))


@dataclass(frozen=True, slots=True)
class Head:
    """The answer's head, and the bytes that come with it."""

    status: int
    headers: Headers
    first: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Ends an answer that has no end."""

    failure: Failure
    reason: str


Step = Head | bytes | Fault
"""Bytes are one more chunk, after the interval."""


class SimulatorTransport:
    """Answers as `behaviour` says. Counts requests, so that each so-many-th can fail."""

    def __init__(self, behaviour: Behaviour, clock: Clock) -> None:
        self._behaviour = behaviour
        self._clock = clock
        self._requests = 0
        self._under_way: set[SimulatorExchange] = set()

    def open(self, request: UpstreamRequest, sink: Sink, timeouts: Timeouts) -> Exchange:
        probed = request.method == "GET"
        self._requests += not probed
        latency = self._behaviour.latency
        if latency > timeouts.total:
            steps: Iterator[Step] = iter((Fault(Failure.TIMEOUT, "no answer in time"),))
        elif probed:
            steps = _probe_steps(self._behaviour)
        else:
            steps = self._answer(request, fails=self._requests % self._behaviour.error_every == 0)
        exchange = SimulatorExchange(steps, sink, self._behaviour.interval, self._under_way.discard)
        self._under_way.add(exchange)
        exchange.start(min(latency, timeouts.total))
        return exchange

    def retire(self) -> None:
        """Nothing is kept between exchanges."""

    async def aclose(self) -> None:
        for exchange in tuple(self._under_way):
            exchange.fail(Failure.STOPPING, "the gateway closed the connection")

    def _answer(self, request: UpstreamRequest, *, fails: bool) -> Iterator[Step]:
        endpoint = Endpoint(request.url.removeprefix("simulator://"))
        shape = ENDPOINTS[endpoint].errors
        if self._behaviour.error_status and fails:
            return _error_steps(_simulated(self._behaviour.error_status), shape)
        try:
            if endpoint in SPOKEN:
                return self._text(endpoint, SPOKEN[endpoint].read(request.body))
            match endpoint:
                case Endpoint.EMBEDDINGS:
                    return _plain_steps(200, _embeddings(request.body, self._behaviour))
                case Endpoint.COUNT_TOKENS:
                    return _plain_steps(200, token_count(request.body))
                case _:
                    return _error_steps(endpoint_not_served("simulator", endpoint.value), shape)
        except InvalidRequest as invalid:
            return _error_steps(invalid.error, shape)

    def _text(self, endpoint: Endpoint, request: TextRequest) -> Iterator[Step]:
        spoken = SPOKEN[endpoint]
        created = int(self._clock.now().timestamp())
        identity = Identity(f"{spoken.id_prefix}{secrets.token_hex(12)}", created, request.model)
        text, reason = _cut(self._behaviour.text, request.max_tokens)
        prompt, said = words(request.texts), words([text])
        usage = Usage(prompt, said, prompt + said)
        writer = spoken.writer(identity, request)
        if request.stream:
            return _stream_steps(writer, text, reason, usage, self._behaviour)
        return _plain_steps(200, writer.whole(text, reason, usage))


def simulator_of(upstream: Upstream, clock: Clock) -> SimulatorTransport:
    if not isinstance(upstream.adapter, SimulatorAdapter):
        raise TypeError(f"{upstream.key} has a simulator's transport and not its adapter")
    return SimulatorTransport(upstream.adapter.behaviour, clock)


class SimulatorExchange:
    """Walks the steps of one answer, one timer at a time."""

    def __init__(
        self,
        steps: Iterator[Step],
        sink: Sink,
        interval: float,
        ended: "Callable[[SimulatorExchange], None]",
    ) -> None:
        self._next = next(steps, None)
        self._steps = steps
        self._sink: Sink | None = sink
        self._interval = interval
        self._ended = ended
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._due = False

    def start(self, delay: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self._fire)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        if self._due:
            self._due = False
            self.start(0)

    def cancel(self) -> None:
        self._sink, self._due = None, False
        if self._timer is not None:
            self._timer.cancel()
        self._ended(self)

    def fail(self, failure: Failure, reason: str) -> None:
        sink = self._sink
        self.cancel()
        if sink is not None:
            sink.error(failure, reason)

    def _fire(self) -> None:
        if self._paused:
            self._due = True
            return
        step, self._next = self._next, next(self._steps, None)
        match step:
            case Fault(failure, reason):
                self.fail(failure, reason)
            case None:
                self._end()
            case _:
                self._pass_on(step)

    def _pass_on(self, step: Head | bytes) -> None:
        """The sink may cancel in any of its methods."""
        if isinstance(step, Head) and self._sink is not None:
            self._sink.head(step.status, step.headers)
        if self._sink is not None:
            self._sink.data(step.first if isinstance(step, Head) else step)
        if self._sink is not None:
            self.start(self._interval if isinstance(self._next, bytes) else 0)

    def _end(self) -> None:
        sink = self._sink
        self.cancel()
        if sink is not None:
            sink.end()


def _stream_steps(
    writer: Writer, text: str, reason: FinishReason, usage: Usage, behaviour: Behaviour
) -> Iterator[Step]:
    """Encoded as they are asked for, so that a long text costs its memory once."""
    yield Head(200, _EVENT_STREAM, writer.opening(usage))
    size = behaviour.chunk_size
    for number, start in enumerate(range(0, len(text), size), 1):
        yield writer.content(text[start : start + size])
        if number == behaviour.cut_after:
            yield Fault(Failure.BROKEN, "the connection was closed before the answer's end")
            return
    yield writer.closing(text, reason, usage)


def _probe_steps(behaviour: Behaviour) -> Iterator[Step]:
    """One that fails now and then is well; one that always fails is not. Probes are not counted among the requests."""
    if behaviour.error_status and behaviour.error_every == 1:
        return _error_steps(_simulated(behaviour.error_status), ENDPOINTS[Endpoint.CHAT].errors)
    return _plain_steps(200, b'{"object": "list", "data": []}')


def _plain_steps(status: int, body: bytes, headers: Headers = ()) -> Iterator[Step]:
    length = ("content-length", str(len(body)))
    return iter((Head(status, (*_JSON, length, *headers), body),))


def _error_steps(error: OpenAIError, shape: ErrorShape) -> Iterator[Step]:
    return _plain_steps(error.status, shape.body(error), error.headers)


def _simulated(status: int) -> OpenAIError:
    if status == 429:
        message = "Rate limit reached: the simulator was told to say so."
        return OpenAIError(
            status, message, "requests", "rate_limit_exceeded", headers=(("retry-after", "1"),)
        )
    kind = "invalid_request_error" if status < 500 else "server_error"
    return OpenAIError(status, "The simulator was told to fail.", kind, "simulated_error")


def _cut(text: str, max_tokens: int | None) -> tuple[str, FinishReason]:
    said = text.split()
    if max_tokens is None or len(said) <= max_tokens:
        return text, "stop"
    return " ".join(said[:max_tokens]), "length"


def _embeddings(body: bytes, behaviour: Behaviour) -> bytes:
    request = read_embeddings(body)
    dimensions = request.dimensions or behaviour.dimensions
    vectors = [unit_vector(text, dimensions) for text in request.inputs]
    tokens = words(request.inputs)
    return embeddings_answer(request.model, vectors, as_base64=request.base64, tokens=tokens)


def unit_vector(text: str, dimensions: int) -> list[float]:
    """The same text has the same vector, on every machine and in every release."""
    digest = hashlib.shake_256(text.encode(errors="surrogatepass")).digest(4 * dimensions)
    numbers = [number - 2**31 + 0.5 for number in struct.unpack(f"<{dimensions}I", digest)]
    length = math.sqrt(math.fsum(number * number for number in numbers))
    return [number / length for number in numbers]
