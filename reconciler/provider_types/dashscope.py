"""Type dashscope: Alibaba Cloud Model Studio (DashScope), which serves the Qwen models; by its OpenAI-compatible mode.

The key is that of Model Studio, sent as `Authorization: Bearer`. It belongs to one region, and each has a base URL of its
own: the default is Beijing's, `https://dashscope-intl.aliyuncs.com/compatible-mode/v1` is Singapore's.
"""

from collections.abc import Mapping

from pydantic import Field

from reconciler.provider_types.base import Adapter, Endpoint, ProviderType
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.openai_compatible import (
    BASE_URL,
    SECRETS,
    TIMEOUTS,
    OpenAICompatibleConfig,
    adapter_of,
    without_trailing_slash,
)
from reconciler.provider_types.tool_text import with_tool_calling

MODE = "/compatible-mode/v1"
DEFAULT_URL = f"https://dashscope.aliyuncs.com{MODE}"


class DashScopeConfig(OpenAICompatibleConfig):
    """The fields of openai-compatible. A `baseURL` without a path is that of its OpenAI-compatible mode."""

    baseURL: BaseURL = Field(DEFAULT_URL, description=BASE_URL)


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, DashScopeConfig):
        raise TypeError(f"not a config of type dashscope: {type(config).__name__}")
    url = without_trailing_slash(config.baseURL)
    _, _, path = url.partition("://")[2].partition("/")
    return with_tool_calling(adapter_of(config, secrets, url if path else f"{url}{MODE}"), config.toolCalling)


SERVED = frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.EMBEDDINGS})

DASHSCOPE = ProviderType(
    name="dashscope",
    config=DashScopeConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
    endpoints=SERVED,
)
