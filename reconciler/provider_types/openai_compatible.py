"""Type openai-compatible: an upstream that speaks OpenAI's HTTP interface below a base URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from reconciler import __version__
from reconciler.errors import InvalidInput
from reconciler.field_types import SecretField, Timeout
from reconciler.protocol.header_names import CONNECTION, CREDENTIALS, is_name
from reconciler.provider_types.base import (
    Adapter,
    Endpoint,
    ProviderType,
    UpstreamRequest,
)
from reconciler.provider_types.base import (
    Headers as RequestHeaders,
)
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.provider_types.shared_words import (
    CONNECT_TIMEOUT,
    FIRST_BYTE_TIMEOUT,
    IDLE_TIMEOUT,
    TIMEOUT,
    TLS,
    TOOL_CALLING,
)
from reconciler.provider_types.tls import TLSConfig
from reconciler.provider_types.tool_text import ToolCalling, with_tool_calling

MODELS = "/models"
"""Where upstreams list their models, below the base URL."""
BASE_URL = "Where the interface begins; for openai-compatible with its version: https://api.example.com/v1."
SECRETS = ("apiKey", "tls.key")
TIMEOUTS = ("timeout", "connectTimeout", "firstByteTimeout", "idleTimeout")
MAX_HEADERS = 64
MAX_HEADER_VALUE = 8192

_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?", re.ASCII)


def _check_headers(written: dict[str, str]) -> dict[str, str]:
    if len(written) > MAX_HEADERS:
        raise PydanticCustomError("headers", "at most {most} headers", {"most": MAX_HEADERS})
    if len({name.lower() for name in written}) < len(written):
        raise PydanticCustomError("headers", "two headers differ only in case")
    for name, value in written.items():
        _check_header(name, value)
    return written


def _check_header(name: str, value: str) -> None:
    lowered = name.lower()
    if not is_name(name):
        raise PydanticCustomError("headers", "the name of a header is not one that HTTP allows")
    if lowered in CREDENTIALS:
        raise PydanticCustomError(
            "headers", '"{name}" would hold a credential; use apiKey, which is kept secret', {"name": name}
        )
    if lowered in CONNECTION:
        raise PydanticCustomError("headers", '"{name}" is set by the gateway itself', {"name": name})
    if len(value) > MAX_HEADER_VALUE or (value and not _HEADER_VALUE.fullmatch(value)):
        raise PydanticCustomError(
            "headers",
            'the value of "{name}" is not printable ASCII of at most 8192 characters',
            {"name": name},
        )


Headers = Annotated[
    dict[Annotated[str, StringConstraints(strict=True)], Annotated[str, StringConstraints(strict=True)]],
    AfterValidator(_check_headers),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"},
            "additionalProperties": {"type": "string", "maxLength": MAX_HEADER_VALUE},
            "maxProperties": MAX_HEADERS,
        }
    ),
]


class OpenAICompatibleConfig(ProviderConfig):
    baseURL: BaseURL = Field(description=BASE_URL)
    apiKey: SecretField | None = Field(None, description="Sent as `Authorization: Bearer`.")
    timeout: Timeout = Field("120s", description=TIMEOUT)
    connectTimeout: Timeout = Field("5s", description=CONNECT_TIMEOUT)
    firstByteTimeout: Timeout | None = Field(None, description=FIRST_BYTE_TIMEOUT)
    idleTimeout: Timeout | None = Field(None, description=IDLE_TIMEOUT)
    headers: Headers = Field(
        {}, description="Sent with every request. Credentials belong into `apiKey`, not here."
    )
    toolCalling: ToolCalling | None = Field(None, description=TOOL_CALLING)
    tls: TLSConfig | None = Field(None, description=TLS)

    @field_validator("tls")
    @classmethod
    def _needs_https(cls, written: TLSConfig | None, info: ValidationInfo) -> TLSConfig | None:
        url = info.data.get("baseURL")
        if written is not None and isinstance(url, str) and not url.lower().startswith("https:"):
            raise PydanticCustomError("tls", "acts on nothing where baseURL is plain http; write https://")
        return written


ANTHROPIC_VERSION = ("anthropic-version", "2023-06-01")
"""What is said where neither the client nor the manifest says another."""


@dataclass(frozen=True, slots=True)
class OpenAICompatibleAdapter:
    """`headers` go with every request, and hold the key, so nothing of them is shown. `declared` are the manifest's own.

    Many such servers speak Anthropic's protocol as well, below the same base URL: then the key goes in its header, too.
    """

    base_url: str
    headers: RequestHeaders
    declared: frozenset[str] = frozenset()

    def encode(self, endpoint: Endpoint, body: bytes, passed: RequestHeaders = ()) -> UpstreamRequest:
        headers = self.headers
        if endpoint not in _PLAIN or passed:
            headers = self._headers(endpoint, passed)
        return UpstreamRequest("POST", self.base_url + endpoint.path, headers, body)

    def probe(self, path: str | None) -> UpstreamRequest:
        parts = urlsplit(self.base_url)
        url = self.base_url + MODELS if path is None else f"{parts.scheme}://{parts.netloc}{path}"
        headers = tuple((name, value) for name, value in self.headers if name not in _OF_BODIES)
        return UpstreamRequest("GET", url, (*headers, ("accept", "*/*")), b"")

    def _headers(self, endpoint: Endpoint, passed: RequestHeaders) -> RequestHeaders:
        headers = dict(self.headers)
        row = ENDPOINTS[endpoint]
        headers["accept"] = row.accept
        if "anthropic-version" in row.passed:
            headers.setdefault(*ANTHROPIC_VERSION)
            key = headers.get("authorization", "").removeprefix(_BEARER)
            if key:
                headers["x-api-key"] = key
        headers.update((name, value) for name, value in passed if name not in self.declared)
        return tuple(headers.items())

    def __repr__(self) -> str:
        return f"<OpenAICompatibleAdapter {self.base_url}>"


_BEARER = "Bearer "
_OF_BODIES = frozenset({"accept", "content-type"})
_PLAIN = frozenset(
    endpoint
    for endpoint, row in ENDPOINTS.items()
    if not row.passed and row.accept == ENDPOINTS[Endpoint.CHAT].accept
)
"""Endpoints whose requests bear the same headers, always: then they are the same object, which transports know again."""


def adapter_of(
    config: OpenAICompatibleConfig, secrets: Mapping[str, str], base_url: str
) -> OpenAICompatibleAdapter:
    """Raises InvalidInput for a key that can't travel in a header."""
    headers = {
        "user-agent": f"routerctl/{__version__}",
        **{name.lower(): value for name, value in config.headers.items()},
        "content-type": "application/json",
        "accept": ENDPOINTS[Endpoint.CHAT].accept,
    }
    key = secrets.get("apiKey")
    if key is not None:
        headers["authorization"] = _BEARER + _sendable(key)
    declared = frozenset(name.lower() for name in config.headers)
    return OpenAICompatibleAdapter(base_url, tuple(headers.items()), declared)


def is_header_value(text: str, limit: int = MAX_HEADER_VALUE) -> bool:
    return len(text) <= limit and _HEADER_VALUE.fullmatch(text) is not None


def _sendable(key: str) -> str:
    if not key:
        raise InvalidInput("the value of apiKey is empty", hint="set it, or remove the field apiKey")
    if not _HEADER_VALUE.fullmatch(key) or len(key) > MAX_HEADER_VALUE:
        raise InvalidInput(
            "the value of apiKey holds characters that no HTTP header can hold",
            hint="look for a line break or a blank at its end",
        )
    return key


def without_trailing_slash(base_url: str) -> str:
    return base_url.rstrip("/")


def with_version(base_url: str) -> str:
    """Of servers whose `/v1` people write or leave out."""
    return f"{without_trailing_slash(without_trailing_slash(base_url).removesuffix('/v1'))}/v1"


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, OpenAICompatibleConfig):
        raise TypeError(f"not a config of type openai-compatible: {type(config).__name__}")
    adapter = adapter_of(config, secrets, without_trailing_slash(config.baseURL))
    return with_tool_calling(adapter, config.toolCalling)


OPENAI_COMPATIBLE = ProviderType(
    name="openai-compatible",
    config=OpenAICompatibleConfig,
    transport="http",
    build=build,
    secret_fields=SECRETS,
    in_place=TIMEOUTS,
)
