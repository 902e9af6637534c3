"""Type lm-studio: LM Studio's local server. People write its base URL with and without `/v1`; both mean one place."""

from collections.abc import Mapping

from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.openai_compatible import (
    SECRETS,
    TIMEOUTS,
    OpenAICompatibleAdapter,
    OpenAICompatibleConfig,
    adapter_of,
    without_trailing_slash,
)


class LMStudioConfig(OpenAICompatibleConfig):
    """The fields of openai-compatible; `/v1` may be left out of `baseURL`."""


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> OpenAICompatibleAdapter:
    if not isinstance(config, LMStudioConfig):
        raise TypeError(f"not a config of type lm-studio: {type(config).__name__}")
    root = without_trailing_slash(without_trailing_slash(config.baseURL).removesuffix("/v1"))
    return adapter_of(config, secrets, f"{root}/v1")


LM_STUDIO = ProviderType(
    name="lm-studio",
    config=LMStudioConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
)
