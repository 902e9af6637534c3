"""Real upstreams that fail, seen through the real openai SDK."""

import asyncio
import json
import socket

import openai
import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import KEY, candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream
from openai.types.chat import ChatCompletionMessageParam

from reconciler.snapshot.model import Candidate, Snapshot

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
SSE = (("content-type", "text/event-stream"),)
DELTA = (
    b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "x", "choices": '
    b'[{"index": 0, "delta": {"role": "assistant", "content": "hi"}, "finish_reason": null}]}\n\n'
)
STOP = DELTA.replace(b'"finish_reason": null', b'"finish_reason": "stop"')
DONE = b"data: [DONE]\n\n"
ERROR = json.dumps({"error": {"message": "busy", "type": "t", "param": None, "code": "c"}}).encode()


def failing(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer((ERROR,), status, (("content-type", "application/json"), *headers), "length")


def serving(*candidates: Candidate) -> Snapshot:
    return snapshot(namespace(served("m", *candidates)))


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_a_503_is_followed_by_the_next_provider(stream: bool) -> None:
    async with FakeUpstream(failing(503)) as upstream:
        first = candidate(http_upstream("first", upstream.url))
        both = serving(first, candidate(simulator("second", text="ok")))
        async with Gateway(both) as gateway, gateway.http() as client:
            answer = await client.post(
                "/v1/chat/completions", json={"model": "m", "messages": HELLO, "stream": stream}
            )
            assert answer.status_code == 200
            assert answer.headers["x-routerctl-provider"] == "second"
            assert answer.headers["x-routerctl-attempts"] == "2"
            assert "ok" in answer.text
            await gateway.idle()
            assert gateway.telemetry.snapshot()["failures"] == {"first": {"status_503": 1}}


@on_loop
async def test_a_refused_connection_is_followed_by_the_next_provider() -> None:
    first = candidate(http_upstream("first", f"http://127.0.0.1:{unused_port()}/v1"))
    both = serving(first, candidate(simulator("second", text="ok")))
    async with Gateway(both) as gateway, gateway.client() as client:
        answer = await client.chat.completions.create(model="m", messages=HELLO)
        assert answer.choices[0].message.content == "ok"
        await gateway.idle()
        assert gateway.telemetry.snapshot()["failures"] == {"first": {"connect": 1}}


@pytest.mark.parametrize(
    "answer",
    [
        Answer((Ending.CUT,)),
        Answer((Ending.RESET,), headers=SSE),
        Answer((DELTA[:40], Ending.CUT), headers=SSE),
        Answer((), headers=SSE),
        Answer((b"<html>",), headers=(("content-type", "text/html"),)),
        Answer((b"",), 307, (("location", "http://127.0.0.1:1/"),), "length"),
        Answer(head=b"HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n", steps=(Ending.CUT,)),
        Answer(head=b"nonsense\r\n\r\n", steps=(Ending.CUT,)),
        Answer((Ending.HANG,)),
    ],
    ids=[
        "cut",
        "reset",
        "half an event",
        "empty stream",
        "web page",
        "redirect",
        "999",
        "nonsense",
        "silence",
    ],
)
@on_loop
async def test_a_bad_start_is_followed_by_the_next_provider(answer: Answer) -> None:
    async with FakeUpstream(answer) as upstream:
        first = candidate(http_upstream("first", upstream.url), total=0.3)
        both = serving(first, candidate(simulator("second", text="ok")))
        async with Gateway(both) as gateway, gateway.client() as client:
            stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
            assert text == "ok"
            await gateway.idle()
        assert len(upstream.requests) == 1


@on_loop
async def test_the_last_error_and_its_wait_reach_the_client() -> None:
    async with FakeUpstream(failing(429, (("retry-after", "3"),))) as upstream:
        only = serving(candidate(http_upstream("first", upstream.url)))
        async with Gateway(only) as gateway, gateway.client() as client:
            with pytest.raises(openai.RateLimitError) as limited:
                await client.chat.completions.create(model="m", messages=HELLO)
            assert limited.value.response.headers["retry-after"] == "3"
            assert limited.value.response.content == ERROR


@on_loop
async def test_a_bad_key_of_the_gateway_is_not_the_clients_fault() -> None:
    refusing = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    async with FakeUpstream(Answer((refusing,), 401)) as upstream:
        only = serving(candidate(http_upstream("first", upstream.url)))
        async with Gateway(only) as gateway, gateway.client() as client:
            with pytest.raises(openai.InternalServerError) as refused:
                await client.chat.completions.create(model="m", messages=HELLO)
            assert refused.value.status_code == 502
            assert "first refused the gateway's credentials" in refused.value.message
            assert KEY not in refused.value.response.text


@on_loop
async def test_when_nobody_answers_the_client_is_told_who_was_tried() -> None:
    async with FakeUpstream(Answer((Ending.HANG,))) as upstream:
        url = f"http://127.0.0.1:{unused_port()}/v1"
        both = serving(
            candidate(http_upstream("first", url)),
            candidate(http_upstream("second", upstream.url), total=0.05),
        )
        async with Gateway(both) as gateway, gateway.client() as client:
            with pytest.raises(openai.InternalServerError) as failed:
                await client.chat.completions.create(model="m", messages=HELLO)
            assert failed.value.status_code == 504
            assert "first could not be reached; second did not answer in time" in failed.value.message
            assert "127.0.0.1" not in failed.value.message


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.RESET])
@on_loop
async def test_a_stream_that_breaks_raises_in_the_sdk(ending: Ending) -> None:
    gate = asyncio.Event()
    async with FakeUpstream(Answer((DELTA, gate, DELTA[:30], ending), headers=SSE)) as upstream:
        first = candidate(http_upstream("first", upstream.url))
        both = serving(first, candidate(simulator("second")))
        async with Gateway(both) as gateway, gateway.client() as client:
            stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
            chunk = await anext(aiter(stream))
            assert chunk.choices[0].delta.content == "hi"
            gate.set()
            with pytest.raises(openai.APIError, match="broke off"):
                await anext(aiter(stream))
            await gateway.idle()
            assert gateway.telemetry.snapshot()["endings"] == {"chat": {"broken": 1}}


@on_loop
async def test_a_plain_answer_that_breaks_raises_in_the_sdk() -> None:
    cut = Answer((b'{"choices": [', Ending.CUT))
    async with FakeUpstream(cut) as upstream:
        first = candidate(http_upstream("first", upstream.url))
        both = serving(first, candidate(simulator("second")))
        async with Gateway(both) as gateway, gateway.client() as client:
            with pytest.raises(openai.APIConnectionError):
                await client.chat.completions.create(model="m", messages=HELLO)
            await gateway.idle()
            assert gateway.telemetry.snapshot()["endings"] == {"chat": {"broken": 1}}


@on_loop
async def test_a_stream_that_forgets_done_is_whole() -> None:
    async with FakeUpstream(Answer((DELTA, STOP), headers=SSE)) as upstream:
        only = serving(candidate(http_upstream("first", upstream.url)))
        async with Gateway(only) as gateway, gateway.http() as client:
            answer = await client.post(
                "/v1/chat/completions", json={"model": "m", "messages": HELLO, "stream": True}
            )
            assert answer.content == DELTA + STOP + DONE


@on_loop
async def test_many_streams_at_once_keep_apart() -> None:
    async def one(number: int) -> None:
        stream = await client.chat.completions.create(model=f"m{number}", messages=HELLO, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert text == f"text of {number}" * 20

    models = [
        served(f"m{number}", candidate(simulator(f"sim{number}", text=f"text of {number}" * 20, chunkSize=3)))
        for number in range(20)
    ]
    async with Gateway(snapshot(namespace(*models))) as gateway, gateway.client() as client:
        await asyncio.gather(*(one(number) for number in range(20)))
        await gateway.idle()
