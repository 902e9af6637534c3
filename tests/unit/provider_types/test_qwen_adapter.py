import json
from typing import Any

import pytest

from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.provider_types.qwen_adapter import QwenDirectAdapter, thinks
from reconciler.provider_types.qwen_answers import NewChat, PlainAnswer, StreamedAnswer
from reconciler.provider_types.qwen_config import QwenDirectConfig
from reconciler.provider_types.qwen_direct import build
from reconciler.provider_types.tool_text import ToolTextAdapter

GIVEN: dict[str, Any] = {"unofficial": True, "token": "t-canary-token", "cookies": "a=b; c=d"}
SECRETS = {"token": "t-canary-token", "cookies": "a=b; c=d"}


def adapter(**config: object) -> QwenDirectAdapter:
    made = build(QwenDirectConfig.model_validate({**GIVEN, **config}), SECRETS)
    assert isinstance(made, ToolTextAdapter)
    assert isinstance(made.inner, QwenDirectAdapter)
    return made.inner


def encoded(
    made: QwenDirectAdapter, endpoint: Endpoint = Endpoint.CHAT, passed: Headers = (), **more: object
) -> UpstreamRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **more}
    return made.encode(endpoint, json.dumps(body).encode(), passed)


def test_a_conversation_begins_with_a_new_chat_and_goes_on_without() -> None:
    made = adapter()
    first = encoded(made)
    assert isinstance(first.translator, NewChat)
    ((opened),) = [
        *first.translator.head(200, ()),
        *first.translator.feed(b'{"data": {"id": "c"}}'),
        *first.translator.finish(),
    ]
    assert isinstance(opened, UpstreamRequest)
    assert isinstance(opened.translator, PlainAnswer)
    data = {"message_id": "a1", "choices": [{"message": {"content": "ho"}}]}
    [
        *opened.translator.head(200, ()),
        *opened.translator.feed(json.dumps({"data": data}).encode()),
        *opened.translator.finish(),
    ]
    turns = [("user", "hi"), ("assistant", "ho"), ("user", "more")]
    messages = [{"role": role, "content": text} for role, text in turns]
    second = encoded(made, messages=messages, stream=True)
    assert second.url.endswith("completions?chat_id=c")
    body = json.loads(second.body)
    assert (body["parent_id"], body["messages"][0]["content"]) == ("a1", "more")
    assert isinstance(second.translator._reader, StreamedAnswer)  # type: ignore[union-attr]
    assert second.translator.head(404, ())[0].url.endswith("/chats/new")  # type: ignore[union-attr,index]
    assert encoded(made, messages=messages).url.endswith("/chats/new")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, False),
        ({"reasoning_effort": "low"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning": {"effort": "high"}}, True),
        ({"reasoning": "x"}, False),
    ],
)
def test_whether_it_thinks(given: dict[str, object], wanted: bool) -> None:
    assert thinks(given) is wanted


def test_its_models_are_where_a_probe_looks() -> None:
    made = adapter(baseURL="https://site.example/below/")
    assert made.probe(None).url == "https://site.example/below/api/models"
    probe = made.probe("/health")
    assert (probe.method, probe.url) == ("GET", "https://site.example/health")
    assert {"cookie", "bx-umidtoken"} <= {name for name, _ in probe.headers}
    assert [name for name, _ in probe.headers if name == "content-type"] == []
