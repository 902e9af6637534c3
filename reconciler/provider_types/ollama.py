"""Type ollama: Ollama's own interface, with the OpenAI one that it has beside for the rest.

Chat and embeddings are asked natively, since only there an answer tells all that it has, and a request may say how long
the model stays loaded (`keep_alive`) and how it is run (`options`). Completions, Responses and Anthropic's Messages go to
its `/v1`, and pass as they are.
"""

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import Field

from reconciler.clock import Clock, SystemClock
from reconciler.field_types import Duration
from reconciler.field_values import milliseconds
from reconciler.protocol.chat import Identity
from reconciler.provider_types.base import Adapter, Endpoint, Headers, ProviderType, UpstreamRequest
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.ollama_answers import DISCOVERY, ChatAnswer, ChatLines, EmbeddingsAnswer
from reconciler.provider_types.ollama_requests import chat_request, embeddings_request
from reconciler.provider_types.openai_compatible import (
    BASE_URL,
    SECRETS,
    TIMEOUTS,
    OpenAICompatibleAdapter,
    OpenAICompatibleConfig,
    adapter_of,
    without_trailing_slash,
)
from reconciler.provider_types.tool_text import with_tool_calling
from reconciler.provider_types.translation import Translating

TAGS = "/api/tags"
"""Where its models are listed."""
DEFAULT_URL = "http://localhost:11434"
_CLOCK = SystemClock()


class OllamaConfig(OpenAICompatibleConfig):
    """The fields of openai-compatible. `/v1` or `/api` at the end of `baseURL` makes no difference."""

    baseURL: BaseURL = Field(DEFAULT_URL, description=BASE_URL)
    keepAlive: Duration | None = Field(
        None,
        description="How long a model stays loaded after a request (default: as Ollama itself is set, 5m mostly); `0s`: not at "
        "all. What a request says in `keep_alive` comes first.",
    )


@dataclass(frozen=True, slots=True)
class OllamaAdapter(Translating):
    """`face` is its OpenAI interface, below `/v1`, whose headers all requests bear."""

    root: str
    face: OpenAICompatibleAdapter
    keep_alive: str | None = None
    clock: Clock = _CLOCK

    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:
        match endpoint:
            case Endpoint.CHAT:
                return self._chat(body)
            case Endpoint.EMBEDDINGS:
                sent, asked = embeddings_request(body, self.keep_alive)
                url = f"{self.root}/api/embed"
                return UpstreamRequest("POST", url, self.face.headers, sent, EmbeddingsAnswer(asked))
            case _:
                return self.face.encode(endpoint, body, passed)

    def probe(self, path: str | None) -> UpstreamRequest:
        return self.face.probe(path or urlsplit(self.root).path + TAGS)

    def _chat(self, body: bytes) -> UpstreamRequest:
        asked = chat_request(body, self.keep_alive)
        created = int(self.clock.now().timestamp())
        identity = Identity(f"chatcmpl-{randomness.token_hex(12)}", created, asked.model)
        reader = (
            ChatLines(identity, include_usage=asked.include_usage) if asked.stream else ChatAnswer(identity)
        )
        return UpstreamRequest("POST", f"{self.root}/api/chat", self.face.headers, asked.body, reader)

    def __repr__(self) -> str:
        return f"<OllamaAdapter {self.root}>"


def root_of(base_url: str) -> str:
    """Without what people write behind it, because the other interface has it."""
    root = without_trailing_slash(base_url)
    for suffix in ("/v1", "/api"):
        root = without_trailing_slash(root.removesuffix(suffix))
    return root


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, OllamaConfig):
        raise TypeError(f"not a config of type ollama: {type(config).__name__}")
    root = root_of(config.baseURL)
    face = adapter_of(config, secrets, f"{root}/v1")
    return with_tool_calling(OllamaAdapter(root, face, _keep_alive(config.keepAlive)), config.toolCalling)


def _keep_alive(written: str | int | None) -> str | None:
    """As Go reads durations."""
    return None if written is None else f"{milliseconds(written)}ms"


SERVED = frozenset(
    {
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
    }
)

OLLAMA = ProviderType(
    name="ollama",
    config=OllamaConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
    endpoints=SERVED,
    discovery=DISCOVERY,
)
