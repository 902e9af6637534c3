import pytest

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.openai_compatible import OpenAICompatibleAdapter, OpenAICompatibleConfig
from reconciler.provider_types.qwen_proxy import QWEN_PROXY, QwenProxyConfig, build
from reconciler.provider_types.tool_text import ToolTextAdapter


@pytest.mark.parametrize(
    "url", ["http://localhost:3000", "http://localhost:3000/", "http://localhost:3000/v1/"]
)
def test_with_or_without_v1_it_is_one_place(url: str) -> None:
    adapter = build(QwenProxyConfig(baseURL=url), {"apiKey": "k"})
    request = adapter.encode(Endpoint.CHAT, b"{}")
    assert request.url == "http://localhost:3000/v1/chat/completions"
    assert ("authorization", "Bearer k") in request.headers


def test_its_models_are_told_of_tools_in_words_unless_it_says_otherwise() -> None:
    adapter = build(QwenProxyConfig(baseURL="http://a"), {})
    assert isinstance(adapter, ToolTextAdapter)
    assert adapter.calling == "xml"
    native = build(QwenProxyConfig(baseURL="http://a", toolCalling="native"), {})
    assert isinstance(native, OpenAICompatibleAdapter)
    assert {Endpoint.CHAT, Endpoint.COMPLETIONS} == QWEN_PROXY.endpoints


def test_it_is_built_from_its_own_config_alone() -> None:
    with pytest.raises(TypeError, match="not a config of type qwen-proxy"):
        build(OpenAICompatibleConfig(baseURL="http://a/v1"), {})
