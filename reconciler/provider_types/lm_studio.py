"""Type lm-studio: LM Studio's local server. People write its base URL with and without `/v1`; both mean one place."""

from collections.abc import Mapping

from reconciler.provider_types.base import Adapter, ProviderType
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.openai_compatible import (
    SECRETS,
    TIMEOUTS,
    OpenAICompatibleConfig,
    adapter_of,
    with_version,
)
from reconciler.provider_types.tool_text import with_tool_calling


class LMStudioConfig(OpenAICompatibleConfig):
    """The fields of openai-compatible; `/v1` may be left out of `baseURL`."""


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, LMStudioConfig):
        raise TypeError(f"not a config of type lm-studio: {type(config).__name__}")
    return with_tool_calling(adapter_of(config, secrets, with_version(config.baseURL)), config.toolCalling)


LM_STUDIO = ProviderType(
    name="lm-studio",
    config=LMStudioConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
)
