"""Every provider type there is. A new type is one file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.dashscope import DASHSCOPE
from reconciler.provider_types.lm_studio import LM_STUDIO
from reconciler.provider_types.ollama import OLLAMA
from reconciler.provider_types.openai_compatible import OPENAI_COMPATIBLE
from reconciler.provider_types.qwen_proxy import QWEN_PROXY
from reconciler.provider_types.simulator import SIMULATOR

PROVIDER_TYPES: Mapping[str, ProviderType] = MappingProxyType(
    {
        provider_type.name: provider_type
        for provider_type in (
            OPENAI_COMPATIBLE,
            LM_STUDIO,
            OLLAMA,
            DASHSCOPE,
            QWEN_PROXY,
            SIMULATOR,
        )
    }
)
