import json
from typing import Any

import pytest

from reconciler.errors import InvalidInput
from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.provider_types.qwen_adapter import QwenDirectAdapter
from reconciler.provider_types.qwen_config import QwenDirectConfig
from reconciler.provider_types.qwen_direct import QWEN_DIRECT, build
from reconciler.provider_types.simulator import SimulatorConfig
from reconciler.provider_types.tool_text import ToolTextAdapter
from reconciler.provider_types.translation import Unasked

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


def test_credentials_go_in_their_headers_and_are_shown_nowhere() -> None:
    made = adapter(userAgent="Mozilla/5.0")
    headers = dict(encoded(made).headers)
    assert (headers["bx-umidtoken"], headers["cookie"]) == ("t-canary-token", "a=b; c=d")
    assert (headers["user-agent"], headers["origin"]) == ("Mozilla/5.0", "https://chat.qwen.ai")
    assert "canary" not in repr(made)
    assert dict(adapter().headers)["user-agent"].startswith("routerctl/")


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        ({"token": " ", "cookies": "a"}, "token is empty"),
        ({"token": "t", "cookies": "a\r\nx: y"}, "cookies holds characters"),
    ],
)
def test_values_that_no_header_can_hold(secrets: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        build(QwenDirectConfig.model_validate(GIVEN), secrets)


def test_a_config_of_another_type() -> None:
    with pytest.raises(TypeError):
        build(SimulatorConfig(), {})


def test_what_it_has_no_words_for() -> None:
    made = adapter()
    assert isinstance(encoded(made, Endpoint.EMBEDDINGS).translator, Unasked)
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]
    assert isinstance(encoded(made, messages=picture).translator, Unasked)
    assert {Endpoint.CHAT} == QWEN_DIRECT.endpoints
