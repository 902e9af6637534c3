"""The prefixes of LiteLLM's model names: who is meant, where they are, and which variable holds their key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.control.importing.env import DASHSCOPE_URL


class Upstream(NamedTuple):
    """`type`: as in `FOREIGN_TYPES`. url None: each deployment says its own."""

    type: str
    url: str | None
    variable: str | None


def _openai(url: str | None, variable: str | None) -> Upstream:
    return Upstream("openai-compatible", url, variable)


PREFIXES: Mapping[str, Upstream] = MappingProxyType(
    {
        "openai": _openai("https://api.openai.com/v1", "OPENAI_API_KEY"),
        "text-completion-openai": _openai("https://api.openai.com/v1", "OPENAI_API_KEY"),
        "anthropic": _openai("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
        "gemini": _openai("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
        "openrouter": _openai("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        "groq": _openai("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        "deepseek": _openai("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
        "mistral": _openai("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        "together_ai": _openai("https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
        "fireworks_ai": _openai("https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"),
        "perplexity": _openai("https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"),
        "xai": _openai("https://api.x.ai/v1", "XAI_API_KEY"),
        "cerebras": _openai("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
        "nvidia_nim": _openai("https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"),
        "deepinfra": _openai("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
        "sambanova": _openai("https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
        "dashscope": Upstream("dashscope", DASHSCOPE_URL, "DASHSCOPE_API_KEY"),
        "ollama": Upstream("ollama", "http://localhost:11434", None),
        "ollama_chat": Upstream("ollama", "http://localhost:11434", None),
        "lm_studio": Upstream("lm-studio", None, None),
        "hosted_vllm": _openai(None, None),
        "openai_like": _openai(None, None),
        "litellm_proxy": _openai(None, None),
    }
)


def split(model: str, told: str | None) -> tuple[str, str]:
    """Who serves a model, and what it is called there. `told`: custom_llm_provider. Without a prefix it is OpenAI's."""
    prefix, slash, rest = model.partition("/")
    if told is not None:
        return told, rest if slash and prefix == told else model
    if not slash:
        return "openai", model
    return prefix, rest
