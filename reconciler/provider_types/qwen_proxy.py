"""Type qwen-proxy: a server that speaks OpenAI's chat in front of Qwen, and knows of no tools. Models are told of them in words.

People write its base URL with and without `/v1`; both mean one place.
"""

from collections.abc import Mapping

from reconciler.provider_types.base import Adapter, Endpoint, ProviderType
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.openai_compatible import (
    SECRETS,
    TIMEOUTS,
    OpenAICompatibleConfig,
    adapter_of,
    with_version,
)
from reconciler.provider_types.tool_text import with_tool_calling


class QwenProxyConfig(OpenAICompatibleConfig):
    """The fields of openai-compatible; `/v1` may be left out of `baseURL`, and `toolCalling` is `xml` by default."""


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, QwenProxyConfig):
        raise TypeError(f"not a config of type qwen-proxy: {type(config).__name__}")
    adapter = adapter_of(config, secrets, with_version(config.baseURL))
    return with_tool_calling(adapter, config.toolCalling or "xml")


SERVED = frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS})

QWEN_PROXY = ProviderType(
    name="qwen-proxy",
    config=QwenProxyConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
    endpoints=SERVED,
)
