"""The openai SDK, over a real gateway, against fakes of LM Studio and DashScope: each at its path, with or without a key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from fakes.server import Gateway
from fakes.serving import built, candidate, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import until
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.dashscope import DASHSCOPE
from reconciler.provider_types.lm_studio import LM_STUDIO

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello."}]
TOOLS: list[ChatCompletionFunctionToolParam] = [
    {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
]
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": "it"}'}}
EVENTS = (("content-type", "text/event-stream"),)


class Server(FakeUpstream):
    """Answers below its path alone, to who has its key. Asked to `break`, it does; to `wait`, it never ends."""

    def __init__(self, path: str, key: str | None) -> None:
        super().__init__(self._told)
        self._target, self._key = f"{path}/chat/completions", key

    def _told(self, request: ReceivedRequest) -> Answer:
        if request.target != self._target:
            return Answer((b"no such path",), 404, (("content-type", "text/plain"),))
        if request.header("authorization") != (self._key and f"Bearer {self._key}"):
            return Answer((b'{"error": {"message": "Incorrect API key provided."}}',), 401)
        asked = json.loads(request.body)
        wish = asked["messages"][-1]["content"]
        if wish == "break":
            return Answer((b'{"error": {"message": "too long", "code": "context_length_exceeded"}}',), 400)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if asked.get("tools") else "Good day.",
        }
        if asked.get("tools"):
            message["tool_calls"] = [CALL]
        reason = "tool_calls" if asked.get("tools") else "stop"
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        shared = {"id": "c", "created": 1, "model": asked["model"]}
        if not asked.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            whole = {**shared, "object": "chat.completion", "choices": [choice], "usage": usage}
            return Answer((json.dumps(whole).encode(),))
        delta = {**message}
        if asked.get("tools"):
            delta["tool_calls"] = [{"index": 0, **CALL}]
        choices: list[Any] = [[{"index": 0, "delta": delta}]]
        choices += [[{"index": 0, "delta": {}, "finish_reason": reason}], []]
        chunks = [{**shared, "object": "chat.completion.chunk", "choices": each} for each in choices]
        chunks[-1]["usage"] = usage
        first, *rest = (b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks)
        if wish == "wait":
            return Answer((first, Ending.HANG), headers=EVENTS)
        return Answer((first, *rest, b"data: [DONE]\n\n"), headers=EVENTS)


async def talked(client: openai.AsyncOpenAI, server: Server) -> None:
    plain = await client.chat.completions.create(model="m", messages=HELLO)
    assert (plain.choices[0].message.content, plain.choices[0].finish_reason) == ("Good day.", "stop")
    assert plain.usage is not None
    assert plain.usage.total_tokens == 7
    options = openai.types.chat.ChatCompletionStreamOptionsParam(include_usage=True)
    async with client.chat.completions.stream(model="m", messages=HELLO, stream_options=options) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == "Good day."
    assert final.usage is not None
    assert final.usage.total_tokens == 7


async def called(client: openai.AsyncOpenAI, server: Server) -> None:
    plain = (await client.chat.completions.create(model="m", messages=HELLO, tools=TOOLS)).choices[0]
    async with client.chat.completions.stream(model="m", messages=HELLO, tools=TOOLS) as stream:
        streamed = (await stream.get_final_completion()).choices[0]
    for choice in (plain, streamed):
        assert choice.finish_reason == "tool_calls"
        (call,) = choice.message.tool_calls or []
        assert call.to_dict()["function"]["arguments"] == '{"at": "it"}'  # type: ignore[index]


async def refused(client: openai.AsyncOpenAI, server: Server) -> None:
    for streams in (False, True):
        with pytest.raises(openai.BadRequestError, match="too long") as told:
            await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "break"}], stream=streams
            )
        assert told.value.code == "context_length_exceeded"


async def left(client: openai.AsyncOpenAI, server: Server) -> None:
    stream = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "wait"}], stream=True
    )
    async for _ in stream:
        break
    await stream.close()
    await until(lambda: server.open_connections == 0, "the end of the upstream's connection")


@pytest.mark.parametrize("talk", [talked, called, refused, left])
@pytest.mark.parametrize(
    ("kind", "written", "path", "key"),
    [
        (LM_STUDIO, "", "/v1", None),
        (LM_STUDIO, "/v1", "/v1", None),
        (DASHSCOPE, "", "/compatible-mode/v1", "sk-dash"),
    ],
    ids=["lm-studio", "lm-studio-v1", "dashscope"],
)
def test_plain_streamed_tools_errors_and_leaving(
    kind: ProviderType,
    written: str,
    path: str,
    key: str | None,
    talk: Callable[[openai.AsyncOpenAI, Server], Awaitable[None]],
) -> None:
    async def scenario() -> None:
        async with Server(path, key) as server:
            config = kind.config(baseURL=server.url.removesuffix("/v1") + written)  # type: ignore[call-arg]
            adapter = kind.build(config, {"apiKey": key} if key else {})
            made = built("p", adapter, kind.transport, endpoints=kind.endpoints)
            models = namespace(served("m", candidate(made)))
            async with Gateway(snapshot(models)) as running, running.client() as client:
                await talk(client, server)

    asyncio.run(scenario())
