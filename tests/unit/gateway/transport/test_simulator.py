import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fakes.sink import PausingSink, RecordingSink
from fakes.waiting import turns, until
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion

from reconciler.gateway.transport.base import Exchange, Failure
from reconciler.gateway.transport.simulator import SimulatorTransport, unit_vector
from reconciler.protocol.sse import Decoder
from reconciler.protocol.streams import ChatStream
from reconciler.protocol.usage import Usage, read_usage
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.provider_types.simulator import SERVED, Behaviour, SimulatorConfig, build
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(connect=10, total=10)
TEXT = "one two three four"


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def simulator(**config: object) -> tuple[SimulatorTransport, Behaviour]:
    behaviour = build(SimulatorConfig.model_validate({"text": TEXT, **config}), {}).behaviour
    return SimulatorTransport(behaviour, FixedClock()), behaviour


def request(endpoint: Endpoint = Endpoint.CHAT, **members: object) -> UpstreamRequest:
    given = (
        {"messages": [{"role": "user", "content": "a b c"}]}
        if endpoint is Endpoint.CHAT
        else {"input": "a b"}
    )
    body = json.dumps({"model": "m", **given, **members}).encode()
    return UpstreamRequest("POST", f"simulator://{endpoint.value}", (), body)


def heard(
    transport: SimulatorTransport, sent: UpstreamRequest, times: int = 1, timeouts: Timeouts = PATIENT
) -> list[RecordingSink]:
    async def whole() -> list[RecordingSink]:
        sinks = []
        for _ in range(times):
            sinks.append(RecordingSink())
            transport.open(sent, sinks[-1], timeouts)
            assert not sinks[-1].over
            await sinks[-1].wait()
        return sinks

    return asyncio.run(whole())


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())


def deltas(sink: RecordingSink) -> list[dict[str, Any]]:
    events = [event.data for event in Decoder().feed(sink.body)]
    chunks = [json.loads(data) for data in events if data != b"[DONE]"]
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


def test_a_plain_answer() -> None:
    (sink,) = heard(simulator()[0], request())
    answer = ChatCompletion.model_validate_json(sink.body)
    assert (sink.status, sink.ended) == (200, True)
    assert dict(sink.headers) == {"content-type": "application/json", "content-length": str(len(sink.body))}
    assert (answer.model, answer.created) == ("m", 1_795_219_200)
    assert answer.choices[0].message.content == TEXT
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 4)


@pytest.mark.parametrize("include_usage", [True, False])
def test_a_stream(include_usage: bool) -> None:
    (sink,) = heard(
        simulator(chunkSize=5)[0], request(stream=True, stream_options={"include_usage": include_usage})
    )
    assert dict(sink.headers)["content-type"] == "text/event-stream"
    assert deltas(sink)[0]["role"] == "assistant"
    assert [delta.get("content") for delta in deltas(sink)] == ["", "one t", "wo th", "ree f", "our", None]
    end = ChatStream()
    end.pass_on(sink.body)
    assert end.complete
    assert end.usage == (Usage(3, 4, 7) if include_usage else None)


def test_an_empty_text_is_an_answer_as_well() -> None:
    transport, _ = simulator(text="")
    (sink,) = heard(transport, request(stream=True))
    assert [delta.get("content") for delta in deltas(sink)] == ["", None]


def test_a_limit_cuts_the_text_by_words() -> None:
    (sink,) = heard(simulator()[0], request(max_tokens=2))
    choice = json.loads(sink.body)["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("one two", "length")


def test_ids_differ() -> None:
    sinks = heard(simulator()[0], request(), times=2)
    assert len({json.loads(sink.body)["id"] for sink in sinks}) == 2


@pytest.mark.parametrize(
    ("config", "statuses"),
    [
        ({}, [200] * 4),
        ({"errorStatus": 503}, [503] * 4),
        ({"errorStatus": 503, "errorEvery": 2}, [200, 503, 200, 503]),
        ({"errorStatus": 400, "errorEvery": 3}, [200, 200, 400, 200]),
        ({"errorEvery": 1}, [200] * 4),
    ],
)
def test_each_so_many_th_request_fails(config: dict[str, object], statuses: list[int]) -> None:
    sinks = heard(simulator(**config)[0], request(), times=4)
    assert [sink.status for sink in sinks] == statuses
    for sink in sinks:
        assert ("error" in json.loads(sink.body)) == (sink.status != 200)


def test_a_rate_limit_says_when_to_come_back() -> None:
    (sink,) = heard(simulator(errorStatus=429)[0], request())
    assert dict(sink.headers)["retry-after"] == "1"
    assert json.loads(sink.body)["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize("body", [b"{", b'{"model": "m"}'])
def test_a_bad_request_is_answered_with_400(body: bytes) -> None:
    for endpoint in SERVED:
        (sink,) = heard(simulator()[0], UpstreamRequest("POST", f"simulator://{endpoint.value}", (), body))
        assert (sink.status, json.loads(sink.body)["error"]["type"]) == (400, "invalid_request_error")


ASKED: dict[Endpoint, dict[str, object]] = {
    Endpoint.COMPLETIONS: {"prompt": "a b c"},
    Endpoint.RESPONSES: {"input": "a b c"},
    Endpoint.MESSAGES: {"messages": [{"role": "user", "content": "a b c"}], "max_tokens": 100},
}


def asked(endpoint: Endpoint, **members: object) -> UpstreamRequest:
    body = json.dumps({"model": "m", **ASKED[endpoint], **members}).encode()
    return UpstreamRequest("POST", f"simulator://{endpoint.value}", (), body)


@pytest.mark.parametrize("endpoint", ASKED)
def test_other_endpoints_answer_in_their_own_shape(endpoint: Endpoint) -> None:
    (plain,) = heard(simulator()[0], asked(endpoint))
    assert (plain.status, read_usage(plain.body)) == (200, Usage(3, 4, 7))
    assert json.dumps(TEXT).encode() in plain.body
    options = {"include_usage": True}
    (sink,) = heard(simulator(chunkSize=5)[0], asked(endpoint, stream=True, stream_options=options))
    made = ENDPOINTS[endpoint].stream
    assert made is not None
    stream = made()
    assert stream.pass_on(sink.body) == sink.body
    assert (stream.complete, stream.usage) == (True, Usage(3, 4, 7))
    assert stream.text_bytes == len(TEXT)


@pytest.mark.parametrize("endpoint", ASKED)
def test_their_streams_break_off_as_well(endpoint: Endpoint) -> None:
    (sink,) = heard(simulator(chunkSize=5, cutAfter=2)[0], asked(endpoint, stream=True))
    assert (sink.failure, sink.ended) == (Failure.BROKEN, False)


def test_tokens_are_counted_and_errors_are_anthropics() -> None:
    sent = request(Endpoint.COUNT_TOKENS, messages=[{"content": "a b"}], system="c")
    (sink,) = heard(simulator()[0], sent)
    assert json.loads(sink.body) == {"input_tokens": 3}
    (sink,) = heard(simulator(errorStatus=529)[0], asked(Endpoint.MESSAGES))
    assert json.loads(sink.body)["error"]["type"] == "overloaded_error"


def test_what_it_does_not_serve_is_not_found() -> None:
    for endpoint in set(Endpoint) - SERVED:
        (sink,) = heard(simulator()[0], UpstreamRequest("POST", f"simulator://{endpoint.value}", (), b"{}"))
        assert (sink.status, json.loads(sink.body)["error"]["code"]) == (404, "endpoint_not_served")


def test_a_stream_breaks_off_where_told() -> None:
    (sink,) = heard(simulator(chunkSize=5, cutAfter=2)[0], request(stream=True))
    assert (sink.failure, sink.ended) == (Failure.BROKEN, False)
    assert [delta.get("content") for delta in deltas(sink)] == ["", "one t", "wo th"]
    (plain,) = heard(simulator(cutAfter=1)[0], request())
    assert plain.ended


def test_a_latency_beyond_the_timeout_is_a_timeout() -> None:
    transport, _ = simulator(latency="10m")
    (sink,) = heard(transport, request(), timeouts=Timeouts(connect=1, total=0.01))
    assert (sink.failure, sink.status) == (Failure.TIMEOUT, None)


def test_latency_and_interval_are_waited_for() -> None:
    async def scenario() -> None:
        transport, _ = simulator(latency=20, interval=5, chunkSize=6)
        loop = asyncio.get_running_loop()
        start, sink = loop.time(), RecordingSink()
        transport.open(request(stream=True), sink, PATIENT)
        await until(lambda: sink.status)
        assert loop.time() - start >= 0.019
        await sink.wait()
        assert loop.time() - start >= 0.019 + 4 * 0.0045

    run(scenario)


async def paused(after: int) -> tuple[PausingSink, Exchange]:
    sink = PausingSink(after)
    transport, _ = simulator(chunkSize=1)
    sink.exchanges.append(transport.open(request(stream=True), sink, PATIENT))
    await until(lambda: len(sink.chunks) == after)
    await turns()
    assert len(sink.chunks) == after
    return sink, sink.exchanges[0]


def test_pause_and_resume() -> None:
    async def scenario() -> None:
        sink, exchange = await paused(3)
        exchange.resume()
        exchange.pause()
        await turns()
        assert len(sink.chunks) == 3
        assert not sink.over
        exchange.resume()
        exchange.resume()
        await sink.wait()
        assert "".join(delta.get("content", "") for delta in deltas(sink)) == TEXT

    run(scenario)


@pytest.mark.parametrize("after", [1, 3])
def test_cancel_silences(after: int) -> None:
    async def scenario() -> None:
        sink, exchange = await paused(after)
        sink.cancel(exchange)
        exchange.cancel()
        exchange.resume()
        await turns()
        sink.check()
        assert not sink.over

    run(scenario)


def test_cancel_before_the_first_byte() -> None:
    async def scenario() -> None:
        sink = RecordingSink()
        sink.cancel(simulator()[0].open(request(), sink, PATIENT))
        await turns()
        sink.check()
        assert not sink.over

    run(scenario)


@pytest.mark.parametrize("where", ["head", "data"])
def test_a_sink_may_cancel_from_inside(where: str) -> None:
    class Cancelling(RecordingSink):
        def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
            super().head(status, headers)
            if where == "head":
                self.cancel(exchanges[0])

        def data(self, chunk: bytes) -> None:
            super().data(chunk)
            self.cancel(exchanges[0])

    exchanges: list[Exchange] = []

    async def scenario() -> None:
        sink = Cancelling()
        exchanges.append(simulator()[0].open(request(stream=True), sink, PATIENT))
        await until(lambda: sink.status)
        await turns()
        sink.check()
        assert len(sink.chunks) == (where == "data")

    run(scenario)


def test_aclose_cuts_and_says_so() -> None:
    async def scenario() -> None:
        transport, _ = simulator(interval="1h")
        sinks = [RecordingSink() for _ in range(3)]
        for sink in sinks:
            transport.open(request(stream=True), sink, PATIENT)
        await until(lambda: all(sink.chunks for sink in sinks))
        transport.retire()
        await turns()
        assert not any(sink.over for sink in sinks)
        await transport.aclose()
        for sink in sinks:
            assert sink.failure is Failure.STOPPING
            sink.check()

    run(scenario)


def test_hundreds_of_streams_at_a_time() -> None:
    async def scenario() -> None:
        transport, _ = simulator(chunkSize=1, interval=1)
        sinks = [RecordingSink() for _ in range(300)]
        for sink in sinks:
            transport.open(request(stream=True), sink, PATIENT)
        for sink in sinks:
            await sink.wait()
            assert sink.ended
        assert len(asyncio.all_tasks()) == 1

    run(scenario)


@pytest.mark.parametrize("encoding_format", ["float", "base64"])
def test_embeddings(encoding_format: str) -> None:
    sent = request(
        Endpoint.EMBEDDINGS, input=["a b", "c", "a b"], encoding_format=encoding_format, dimensions=3
    )
    (sink,) = heard(simulator()[0], sent)
    answer = json.loads(sink.body)
    vectors = [item["embedding"] for item in answer["data"]]
    assert vectors[0] == vectors[2] != vectors[1]
    assert answer["usage"] == {"prompt_tokens": 5, "total_tokens": 5}
    if encoding_format == "float":
        CreateEmbeddingResponse.model_validate(answer)
        assert [len(vector) for vector in vectors] == [3, 3, 3]


def test_the_config_says_how_long_an_embedding_is() -> None:
    (sink,) = heard(simulator(dimensions=7)[0], request(Endpoint.EMBEDDINGS))
    assert len(json.loads(sink.body)["data"][0]["embedding"]) == 7


@pytest.mark.parametrize("text", ["", "hello", "жё", "\ud800"])
def test_a_vector_has_length_one(text: str) -> None:
    vector = unit_vector(text, 64)
    assert math.isclose(math.hypot(*vector), 1)
    assert vector == unit_vector(text, 64)


def test_vectors_are_the_same_everywhere() -> None:
    assert [round(number, 6) for number in unit_vector("hello", 3)] == [-0.95282, -0.303502, 0.00449]


@pytest.mark.parametrize(
    ("config", "status"),
    [({}, 200), ({"errorStatus": 503}, 503), ({"errorStatus": 503, "errorEvery": 2}, 200)],
)
def test_a_probe_is_bad_where_every_request_is_and_is_no_request(
    config: dict[str, object], status: int
) -> None:
    transport, _ = simulator(**config)
    probe = build(SimulatorConfig(), {}).probe(None)
    assert [each.status for each in heard(transport, probe, times=2)] == [status] * 2
    if "errorEvery" in config:
        assert [each.status for each in heard(transport, request(), times=2)] == [200, 503]
