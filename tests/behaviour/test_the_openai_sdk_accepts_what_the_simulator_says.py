"""The real SDK, over a real socket, against the simulator's own bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import openai
import pytest
from fakes.sink import RecordingSink
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.gateway.transport.simulator import SimulatorTransport
from reconciler.protocol import errors
from reconciler.protocol.error_shapes import OPENAI
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.simulator import SimulatorConfig, build
from reconciler.snapshot.model import Timeouts

TEXT = "one two three four"


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


Scenario = Callable[[openai.AsyncOpenAI], Awaitable[None]]


def with_simulator(scenario: Scenario, **config: object) -> None:
    """Each request is answered with what the simulator says to its body."""

    async def whole() -> None:
        behaviour = build(SimulatorConfig.model_validate({"text": TEXT, **config}), {}).behaviour
        transport = SimulatorTransport(behaviour, FixedClock())

        async def answered(received: ReceivedRequest) -> Answer:
            sink = RecordingSink()
            url = f"simulator://{received.target.removeprefix('/v1')}"
            request = UpstreamRequest("POST", url, (), received.body)
            transport.open(request, sink, Timeouts(connect=10, total=10))
            await sink.wait()
            kept = tuple(header for header in sink.headers if header[0] != "content-length")
            return Answer(steps=tuple(sink.chunks), status=sink.status or 0, headers=kept)

        async with FakeUpstream(answered) as upstream:
            await asked(upstream, scenario)

    asyncio.run(whole())


async def asked(upstream: FakeUpstream, scenario: Scenario) -> None:
    async with openai.AsyncOpenAI(base_url=upstream.url, api_key="k", max_retries=0) as client:
        await scenario(client)


def test_a_plain_answer() -> None:
    async def scenario(client: openai.AsyncOpenAI) -> None:
        answer = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "a b"}]
        )
        assert answer.choices[0].message.content == TEXT
        assert answer.usage is not None
        assert answer.usage.total_tokens == 6

    with_simulator(scenario)


def test_a_stream_with_the_sdks_own_accumulation() -> None:
    async def scenario(client: openai.AsyncOpenAI) -> None:
        async with client.chat.completions.stream(
            model="m", messages=[{"role": "user", "content": "a b"}], stream_options={"include_usage": True}
        ) as stream:
            completion = await stream.get_final_completion()
        assert completion.choices[0].message.content == TEXT
        assert completion.choices[0].finish_reason == "stop"
        assert completion.usage is not None
        assert completion.usage.total_tokens == 6

    with_simulator(scenario, chunkSize=3)


def test_embeddings_in_the_sdks_default_encoding_and_in_numbers() -> None:
    async def scenario(client: openai.AsyncOpenAI) -> None:
        packed = await client.embeddings.create(model="m", input=["a", "b"], dimensions=8)
        numbers = await client.embeddings.create(
            model="m", input=["a", "b"], dimensions=8, encoding_format="float"
        )
        for one, other in zip(packed.data, numbers.data, strict=True):
            assert one.embedding == pytest.approx(other.embedding, rel=1e-5)

    with_simulator(scenario)


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
def test_errors_become_the_sdks_own(status: int, raised: type[openai.APIStatusError]) -> None:
    async def scenario(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(raised, match=r"[Ss]imulator"):
            await client.embeddings.create(model="m", input="a")

    with_simulator(scenario, errorStatus=status)


def test_an_error_event_ends_a_stream_with_an_exception() -> None:
    async def scenario(client: openai.AsyncOpenAI) -> None:
        stream = await client.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises(openai.APIError, match="broke off"):
            _ = [chunk async for chunk in stream]

    async def whole() -> None:
        answer = Answer(
            steps=(OPENAI.event(errors.stream_broken()),), headers=(("content-type", "text/event-stream"),)
        )
        async with FakeUpstream(answer) as upstream:
            await asked(upstream, scenario)

    asyncio.run(whole())
