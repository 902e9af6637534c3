"""The openai SDK's own retries and time limits, sync and async: told when to come back, or not to."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import openai
import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import until
from openai.types.chat import ChatCompletionMessageParam

from reconciler.snapshot.model import Health, Snapshot

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
JSON = (("content-type", "application/json"),)
SSE = (("content-type", "text/event-stream"),)
DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
ERROR = b'{"error": {"message": "not now", "type": "server_error", "param": null, "code": "overloaded"}}'
OK = b'{"id": "c", "object": "chat.completion", "created": 1, "model": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}'


class Async(openai.AsyncOpenAI):
    """Waits as long as it means to, without the time."""

    waits: list[float]

    def _calculate_retry_timeout(self, *given: Any, **more: Any) -> float:
        self.waits.append(super()._calculate_retry_timeout(*given, **more))
        return 0.0


class Sync(openai.OpenAI):
    """As above."""

    waits: list[float]

    def _calculate_retry_timeout(self, *given: Any, **more: Any) -> float:
        self.waits.append(super()._calculate_retry_timeout(*given, **more))
        return 0.0


Ask = Callable[..., Any]


async def with_async(gateway: Gateway, waits: list[float], *, stream: bool, limit: float = 30.0) -> str:
    async with Async(base_url=f"{gateway.url}/v1", api_key="sk-x", max_retries=2, timeout=limit) as client:
        client.waits = waits
        if not stream:
            answer = await client.chat.completions.create(model="m", messages=HELLO)
            return answer.choices[0].message.content or ""
        chunks = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])


async def with_sync(gateway: Gateway, waits: list[float], *, stream: bool, limit: float = 30.0) -> str:
    def talk() -> str:
        with Sync(base_url=f"{gateway.url}/v1", api_key="sk-x", max_retries=2, timeout=limit) as client:
            client.waits = waits
            if not stream:
                answer = client.chat.completions.create(model="m", messages=HELLO)
                return answer.choices[0].message.content or ""
            chunks = client.chat.completions.create(model="m", messages=HELLO, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    return await asyncio.to_thread(talk)


every_client = pytest.mark.parametrize("ask", [with_async, with_sync], ids=["async", "sync"])


def serving(*upstreams: FakeUpstream) -> Snapshot:
    """Without breakers: it is the client who tries again."""
    names = (candidate(http_upstream(f"up{number}", each.url)) for number, each in enumerate(upstreams))
    return snapshot(
        namespace(served("m", *(replace(each, health=Health(failure_threshold=0)) for each in names)))
    )


def in_turn(*answers: Answer) -> Callable[[ReceivedRequest], Answer]:
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@every_client
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_it_comes_back_when_it_is_told_to(ask: Ask, stream: bool) -> None:
    last = Answer((DELTA, STOP), headers=SSE) if stream else Answer((OK,))
    busy = Answer((ERROR,), 429, (*JSON, ("retry-after", "7")))
    waits: list[float] = []
    async with FakeUpstream(in_turn(busy, Answer((ERROR,), 503), last)) as upstream:
        async with Gateway(serving(upstream)) as gateway:
            assert await ask(gateway, waits, stream=stream) == "hi"
        assert len(upstream.requests) == 3
    assert waits[0] == 7.0
    assert 0 < waits[1] <= 8.0


@every_client
@on_loop
async def test_it_does_not_come_back_where_several_were_tried_for_it(ask: Ask) -> None:
    waits: list[float] = []
    async with FakeUpstream(Answer((Ending.CUT,))) as one, FakeUpstream(Answer((Ending.CUT,))) as two:
        async with Gateway(serving(one, two)) as gateway:
            with pytest.raises(openai.InternalServerError) as failed:
                await ask(gateway, waits, stream=False)
        assert (len(one.requests), len(two.requests), waits) == (1, 1, [])
    assert failed.value.status_code == 502


@every_client
@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_its_time_limit_reaches_the_upstream(ask: Ask, stream: bool) -> None:
    waits: list[float] = []
    hanging = Answer((Ending.HANG,), headers=SSE if stream else JSON)
    async with FakeUpstream(hanging) as upstream, Gateway(serving(upstream)) as gateway:
        with pytest.raises(openai.APITimeoutError):
            await ask(gateway, waits, stream=stream, limit=0.1)
        await until(lambda: not upstream.open_connections, "the end of the upstream's")
        await gateway.idle()
        endings = gateway.telemetry.snapshot()["endings"]
        assert isinstance(endings, dict)
        of_chat = endings["chat"]
        assert isinstance(of_chat, dict)
        assert list(of_chat) == ["gone"]


@every_client
@on_loop
async def test_it_does_not_ask_again_for_a_stream_that_began(ask: Ask) -> None:
    waits: list[float] = []
    async with FakeUpstream(Answer((DELTA, Ending.CUT), headers=SSE)) as upstream:
        async with Gateway(serving(upstream)) as gateway:
            with pytest.raises((openai.APIError, httpx2.HTTPError)):
                await ask(gateway, waits, stream=True)
        assert (len(upstream.requests), waits) == (1, [])
