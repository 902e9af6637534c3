"""What the e2e tests ask with the openai SDK, and what every answer must be like."""

import openai
from fakes.running import Running
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say hello."}]


def sdk(gateway: Running) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{gateway.data_url}/v1", api_key="any", max_retries=0, timeout=60)


def said(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def check_order(chunks: list[ChatCompletionChunk]) -> None:
    """The finish reason is in the last choice, usage alone in the last chunk."""
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert [choice.finish_reason is not None for choice in choices] == [False] * (len(choices) - 1) + [True]
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert len({chunk.id for chunk in chunks}) == 1
