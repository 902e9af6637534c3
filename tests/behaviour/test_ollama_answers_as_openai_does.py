"""The openai SDK, over a real gateway, against a server that speaks Ollama's own interface."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import openai
import pytest
from fakes.ollama import MODELS, FakeOllama
from fakes.server import Gateway
from fakes.serving import built, candidate, namespace, served, simulator, snapshot
from fakes.sink import RecordingSink
from fakes.upstream import Answer, Ending, FakeUpstream
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from reconciler.provider_types.ollama import OLLAMA, OllamaConfig
from reconciler.snapshot.model import Timeouts, Upstream

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two thr\u00e9e"}]
TOOLS: list[ChatCompletionFunctionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "echo",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
        },
    }
]


def upstream(root: str, **config: object) -> Upstream:
    made = OLLAMA.build(OllamaConfig.model_validate({"baseURL": root, **config}), {})
    return built("local", made, OLLAMA.transport, endpoints=OLLAMA.endpoints)


@asynccontextmanager
async def gateway(root: str, **config: object) -> AsyncIterator[Gateway]:
    local = upstream(root, **config)
    models = [served(name, replace(candidate(local), upstream_model=name)) for name in (*MODELS, "gone")]
    spare = replace(candidate(simulator("spare", text="from the spare")), upstream_model="m")
    both = served("both", replace(candidate(local), upstream_model="crashed"), spare)
    async with Gateway(snapshot(namespace(*models, both))) as running:
        yield running


def with_ollama(
    scenario: Callable[[openai.AsyncOpenAI, FakeOllama], Awaitable[None]], **config: object
) -> None:
    async def whole() -> None:
        async with (
            FakeOllama() as ollama,
            gateway(ollama.root, **config) as running,
            running.client() as client,
        ):
            await scenario(client, ollama)

    asyncio.run(whole())


async def heard(client: openai.AsyncOpenAI, model: str) -> tuple[str, str]:
    """What a stream says, and the error that it ends with."""
    said = ""
    try:
        async for chunk in await client.chat.completions.create(model=model, messages=HELLO, stream=True):
            said += "".join(choice.delta.content or "" for choice in chunk.choices)
    except openai.APIError as error:
        return said, error.message
    return said, ""


def test_a_chat_plain_streamed_and_with_tools() -> None:
    async def scenario(client: openai.AsyncOpenAI, ollama: FakeOllama) -> None:
        plain = await client.chat.completions.create(model="llama3.2", messages=HELLO, temperature=0.1)
        assert plain.choices[0].message.content == "one two thr\u00e9e"
        assert plain.choices[0].finish_reason == "stop"
        assert plain.usage is not None
        assert (plain.usage.prompt_tokens, plain.usage.completion_tokens) == (3, 3)
        assert ollama.asked[-1][1]["options"] == {"temperature": 0.1}
        assert ollama.asked[-1][1]["keep_alive"] == "1800000ms"

        async with client.chat.completions.stream(
            model="thinker", messages=HELLO, reasoning_effort="high", stream_options={"include_usage": True}
        ) as stream:
            final = await stream.get_final_completion()
        assert final.choices[0].message.content == "one two thr\u00e9e"
        assert final.usage is not None
        assert final.usage.total_tokens == 6

        silent = [
            chunk
            async for chunk in await client.chat.completions.create(
                model="thinker", messages=HELLO, stream=True
            )
        ]
        assert all(chunk.usage is None for chunk in silent)
        assert (
            "".join(
                str((choice.delta.model_extra and choice.delta.model_extra.get("reasoning_content")) or "")
                for chunk in silent
                for choice in chunk.choices
            )
            == "Let me see."
        )

        async with client.chat.completions.stream(model="llama3.2", messages=HELLO, tools=TOOLS) as stream:
            called = (await stream.get_final_completion()).choices[0]
        assert called.finish_reason == "tool_calls"
        assert called.message.tool_calls
        call = called.message.tool_calls[0]
        assert (call.function.name, call.function.arguments) == ("echo", '{"text": "one two thr\\u00e9e"}')
        answered: list[ChatCompletionMessageParam] = [
            *HELLO,
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": "echo", "arguments": call.function.arguments},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": call.id, "content": "done"},
        ]
        after = await client.chat.completions.create(model="llama3.2", messages=answered, tools=TOOLS)
        assert after.choices[0].message.content == "done"
        assert ollama.asked[-1][1]["messages"][-1]["tool_name"] == "echo"

    with_ollama(scenario, keepAlive="30m")


def test_embeddings_the_openai_face_and_errors() -> None:
    async def scenario(client: openai.AsyncOpenAI, ollama: FakeOllama) -> None:
        vectors = await client.embeddings.create(model="llama3.2", input=["ab", "c d e"])
        assert [each.embedding for each in vectors.data] == [[2.0, 0.5], [5.0, 0.5]]
        assert vectors.usage.prompt_tokens == 4

        await client.completions.create(model="llama3.2", prompt="a")
        assert ollama.asked[-1][0] == "/v1/completions"

        with pytest.raises(openai.NotFoundError) as missing:
            await client.chat.completions.create(model="gone", messages=HELLO)
        assert (missing.value.code, missing.value.body["message"]) == (  # type: ignore[index]  # the error's object
            "model_not_found",
            "model 'gone' not found",
        )
        with pytest.raises(openai.BadRequestError, match="does not support thinking"):
            await client.chat.completions.create(model="llama3.2", messages=HELLO, reasoning_effort="low")
        before = len(ollama.asked)
        picture: list[ChatCompletionMessageParam] = [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "https://a.example/a.png"}}],
            }
        ]
        with pytest.raises(openai.BadRequestError, match="fetches none from an address"):
            await client.chat.completions.create(model="llama3.2", messages=picture)
        assert len(ollama.asked) == before

        said, fault = await heard(client, "broken")
        assert (said, fault) == ("one", "an error was encountered while running the model")

        with pytest.raises(openai.InternalServerError, match="runner process has terminated"):
            await client.chat.completions.create(model="crashed", messages=HELLO, stream=True)
        # an error in the first line leaves time for another provider
        assert await heard(client, "both") == ("from the spare", "")

    with_ollama(scenario)


LINE = b'{"message": {"role": "assistant", "content": "hi"}, "done": false}\n'


BROKEN: list[tuple[bytes | Ending, ...]] = [
    (LINE, b"<html>\n"),
    (LINE,),
    (LINE, Ending.CUT),
    (LINE, b'{"message": {"content": 7}}\n'),
]


def test_a_stream_that_is_none_ends_with_an_error_event() -> None:
    async def whole() -> None:
        async with FakeUpstream() as odd, gateway(odd.url) as running, running.client() as client:
            for steps in BROKEN:
                odd.answer = Answer(steps)
                said, fault = await heard(client, "llama3.2")
                assert (said, "stream broke off" in fault) == ("hi", True), steps

    asyncio.run(whole())


def test_a_probe_lists_its_models() -> None:
    async def whole() -> None:
        async with FakeOllama() as ollama, Gateway() as running:
            local, sink = upstream(ollama.root), RecordingSink()
            running.pool.get(local).open(local.adapter.probe(None), sink, Timeouts(connect=10, total=10))
            await sink.wait()
            assert (sink.status, b"llama3.2:latest" in sink.body) == (200, True)

    asyncio.run(whole())
