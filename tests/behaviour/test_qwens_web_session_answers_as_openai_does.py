"""The openai SDK, over a real gateway, against a server that speaks as chat.qwen.ai's own web page is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import openai
import pytest
from fakes.qwen import COOKIES, MODELS, TOKEN, FakeQwen
from fakes.server import Gateway
from fakes.serving import built, candidate, namespace, served, simulator, snapshot
from fakes.upstream import Answer
from fakes.waiting import until
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from reconciler.provider_types.qwen_config import QwenDirectConfig
from reconciler.provider_types.qwen_direct import QWEN_DIRECT
from reconciler.snapshot.model import Upstream

Messages = list[ChatCompletionMessageParam]
MODEL = MODELS[0]
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
    given = {"unofficial": True, "token": TOKEN, "cookies": COOKIES, "baseURL": root, **config}
    made = QWEN_DIRECT.build(
        QwenDirectConfig.model_validate(given), {"token": TOKEN, "cookies": f" {COOKIES}\n"}
    )
    return replace(
        built("web", made, QWEN_DIRECT.transport, endpoints=QWEN_DIRECT.endpoints), introduces=True
    )


@asynccontextmanager
async def gateway(site: FakeQwen) -> AsyncIterator[Gateway]:
    web = upstream(site.root)
    spare = replace(candidate(simulator("spare", text="from the spare")), upstream_model="m")
    both = served("both", replace(candidate(web), upstream_model=MODEL), spare)
    alone = served(MODEL, replace(candidate(web), upstream_model=MODEL))
    async with Gateway(snapshot(namespace(alone, both))) as running:
        yield running


def with_site(scenario: Callable[[openai.AsyncOpenAI, FakeQwen], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with FakeQwen() as site, gateway(site) as running, running.client() as client:
            await scenario(client, site)

    asyncio.run(whole())


def user(text: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": text}


def assistant(text: str) -> ChatCompletionMessageParam:
    return {"role": "assistant", "content": text}


async def said(
    client: openai.AsyncOpenAI, messages: Messages, model: str = MODEL, session: str | None = None
) -> str:
    headers = {} if session is None else {"x-session-id": session}
    answer = await client.chat.completions.create(model=model, messages=messages, extra_headers=headers)
    return answer.choices[0].message.content or ""


async def streamed(client: openai.AsyncOpenAI, messages: Messages) -> tuple[str, str]:
    """What a stream says, and the error that it ends with."""
    text = ""
    try:
        async for chunk in await client.chat.completions.create(model=MODEL, messages=messages, stream=True):
            text += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        return text, error.message
    return text, ""


def test_plain_and_streamed_with_what_was_thought_and_used() -> None:
    async def scenario(client: openai.AsyncOpenAI, site: FakeQwen) -> None:
        assert await said(client, [user("hello there")]) == "you said there"
        thought, text, usage = "", "", None
        stream = await client.chat.completions.create(
            model=MODEL,
            messages=[user("one two three")],
            stream=True,
            reasoning_effort="low",
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                thought += getattr(choice.delta, "reasoning_content", None) or ""
        assert (text, thought) == ("you said three", "Let me see.")
        assert usage is not None
        assert (usage.prompt_tokens, usage.completion_tokens) == (3, 3)
        assert [body["messages"][0]["feature_config"]["thinking_enabled"] for body in site.asked] == [
            False,
            True,
        ]

    with_site(scenario)


def test_a_conversation_goes_on_in_its_chat_and_a_lost_one_is_told_anew() -> None:
    async def scenario(client: openai.AsyncOpenAI, site: FakeQwen) -> None:
        first: Messages = [{"role": "system", "content": "Be brief."}, user("red")]
        answer = await said(client, first)
        second = [*first, assistant(answer), user("green")]
        assert await said(client, second) == "you said green"
        assert [*site.chats.values()] == [["Be brief.\n\nred", "green"]]
        third = [*second, assistant("you said green"), user("blue")]
        site.lose()
        assert await said(client, third) == "you said Assistant:"
        ((told,),) = site.chats.values()
        assert "User:\nred\n\nAssistant:\nyou said red" in told
        edited = [*first, assistant("you said pink"), user("green")]
        await said(client, edited)
        assert len(site.chats) == 2

    with_site(scenario)


def test_errors_of_the_site_send_requests_elsewhere_or_are_told() -> None:
    async def scenario(client: openai.AsyncOpenAI, site: FakeQwen) -> None:
        site.fails = [500]
        assert await said(client, [user("a")], "both") == "from the spare"
        site.fails = [200]
        with pytest.raises(openai.RateLimitError, match="too often"):
            await said(client, [user("a")])
        site.expired = True
        asked = len(site.requests)
        with pytest.raises(openai.APIStatusError) as caught:
            await said(client, [user("a")])
        assert caught.value.status_code >= 500
        assert len(site.requests) == asked + 1
        assert await said(client, [user("a")], "both") == "from the spare"

    with_site(scenario)


def test_a_stream_that_breaks_off_is_no_answer_and_leaves_no_chat() -> None:
    async def scenario(client: openai.AsyncOpenAI, site: FakeQwen) -> None:
        site.cuts = True
        text, error = await streamed(client, [user("a b")])
        assert text == "you said"
        assert error
        site.cuts = False
        await said(client, [user("a b"), assistant("you said"), user("c")])
        assert len(site.chats) == 2

    with_site(scenario)


def test_tools_are_told_in_words_and_a_client_that_leaves_ends_the_request() -> None:
    async def scenario(client: openai.AsyncOpenAI, site: FakeQwen) -> None:
        await client.chat.completions.create(model=MODEL, messages=[user("a b")], tools=TOOLS)
        ((told,),) = site.chats.values()
        assert "echo" in told
        gate = asyncio.Event()
        site.answer = Answer(before=gate)
        with pytest.raises(httpx2.TimeoutException):
            await client._client.post(
                f"{client.base_url}chat/completions",
                json={"model": MODEL, "messages": [user("a b")]},
                timeout=0.2,
            )
        await until(lambda: site.open_connections <= 1, "the request's end at the site")
        gate.set()

    with_site(scenario)
