"""Type lm-studio: LM Studio's local server. People write its base URL with and without `/v1`; both mean one place."""

from collections.abc import Mapping

from reconciler.provider_types.base import Adapter, ProviderType
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.discovery import (
    SCHEMA,
    Discovery,
    Listed,
    Way,
    openai_models,
    with_capabilities,
)
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


def models(body: bytes) -> Listed:
    """Its own list. It holds whatever can chat to a schema."""
    found = openai_models(body)
    return found._replace(models=tuple(with_capabilities(each, SCHEMA) for each in found.models))


LM_STUDIO = ProviderType(
    name="lm-studio",
    config=LMStudioConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
    discovery=Discovery(ways=(Way("/v1/models", "/api/v0/models", models),)),
)
