"""Providers that people often have: where they are, how they are spoken to, and which variable holds their key.

Models are left to `model sync`: what an upstream serves changes from week to week. A test holds each to the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Template:
    """`variable` is where its key is looked for; None: it needs none. `base_url` None: the type knows it."""

    name: str
    display_name: str
    type: str
    base_url: str | None = None
    variable: str | None = None
    note: str = ""

    def spec(self) -> JsonObject:
        """The spec of a Provider, its key a reference."""
        config: JsonObject = {}
        if self.base_url is not None:
            config["baseURL"] = self.base_url
        if self.variable is not None:
            config["apiKey"] = {"valueFrom": {"env": self.variable}}
        spec: JsonObject = {"type": self.type, "displayName": self.display_name}
        return {**spec, "config": config} if config else spec


_OPENAI = "openai-compatible"
_TEMPLATES = (
    Template("openai", "OpenAI", _OPENAI, "https://api.openai.com/v1", "OPENAI_API_KEY"),
    Template(
        "anthropic",
        "Anthropic",
        _OPENAI,
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "by its interface for OpenAI's SDK, which serves chat completions",
    ),
    Template(
        "gemini",
        "Google Gemini",
        _OPENAI,
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        "by its OpenAI-compatible interface",
    ),
    Template("openrouter", "OpenRouter", _OPENAI, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    Template("groq", "Groq", _OPENAI, "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    Template("deepseek", "DeepSeek", _OPENAI, "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    Template("mistral", "Mistral AI", _OPENAI, "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    Template("together", "Together AI", _OPENAI, "https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    Template(
        "fireworks", "Fireworks AI", _OPENAI, "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"
    ),
    Template("cerebras", "Cerebras", _OPENAI, "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    Template("xai", "xAI", _OPENAI, "https://api.x.ai/v1", "XAI_API_KEY"),
    Template("nvidia", "NVIDIA NIM", _OPENAI, "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
    Template("dashscope", "DashScope (Beijing)", "dashscope", None, "DASHSCOPE_API_KEY", "the Qwen models"),
    Template(
        "qwen",
        "Qwen (DashScope, Singapore)",
        "dashscope",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "DASHSCOPE_API_KEY",
        "the Qwen models, by the international endpoint",
    ),
    Template("qwen-proxy", "Qwen proxy", "qwen-proxy", "http://localhost:3000", None, "tools as text"),
    Template("lm-studio", "LM Studio", "lm-studio", "http://localhost:1234/v1", None, "on this machine"),
    Template("ollama", "Ollama", "ollama", "http://localhost:11434", None, "on this machine"),
    Template("vllm", "vLLM", _OPENAI, "http://localhost:8000/v1", None, "on this machine"),
    Template(
        "llama-cpp", "llama.cpp", _OPENAI, "http://localhost:8080/v1", None, "llama-server on this machine"
    ),
    Template("simulator", "Simulator", "simulator", None, None, "answers by itself: to try things out"),
)

TEMPLATES: Mapping[str, Template] = MappingProxyType({each.name: each for each in _TEMPLATES})
