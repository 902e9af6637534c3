import pytest

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.dashscope import DASHSCOPE, DashScopeConfig, build
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ({}, "https://dashscope.aliyuncs.com/compatible-mode/v1"),
        (
            {"baseURL": "https://dashscope-intl.aliyuncs.com"},
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ),
        (
            {"baseURL": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/"},
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ),
        ({"baseURL": "https://proxy.lan/qwen/v1"}, "https://proxy.lan/qwen/v1"),
    ],
)
def test_it_is_asked_in_its_openai_compatible_mode(written: dict[str, object], base: str) -> None:
    adapter = build(DashScopeConfig.model_validate(written), {"apiKey": "sk-a"})
    request = adapter.encode(Endpoint.CHAT, b"{}")
    assert (request.url, request.body, request.translator) == (f"{base}/chat/completions", b"{}", None)
    assert ("authorization", "Bearer sk-a") in request.headers
    assert adapter.probe(None).url == f"{base}/models"


def test_what_it_serves() -> None:
    assert {Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.EMBEDDINGS} == DASHSCOPE.endpoints


def test_it_is_built_from_its_own_config_alone() -> None:
    with pytest.raises(TypeError, match="not a config of type dashscope"):
        build(OpenAICompatibleConfig(baseURL="http://a/v1"), {})
