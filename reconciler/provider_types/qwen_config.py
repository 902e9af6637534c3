"""The fields of a provider of type qwen-direct."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import Moment, SecretField, Timeout
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.openai_compatible import BASE_URL, is_header_value
from reconciler.provider_types.shared_words import (
    CONNECT_TIMEOUT,
    FIRST_BYTE_TIMEOUT,
    IDLE_TIMEOUT,
    TIMEOUT,
    TLS,
    TOOL_CALLING,
)
from reconciler.provider_types.tls import TLSConfig
from reconciler.provider_types.tool_text import ToolCalling

DEFAULT_URL = "https://chat.qwen.ai"


def _check_user_agent(written: str) -> str:
    if not is_header_value(written):
        raise PydanticCustomError("user_agent", "expected printable ASCII, as HTTP headers hold it")
    return written


UserAgent = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=512), AfterValidator(_check_user_agent)
]


class QwenDirectConfig(ProviderConfig):
    unofficial: Literal[True] = Field(
        description="Must be `true`: this is the web site's own interface, offered to browsers alone. It may change or end at "
        "any time, and its terms are between you and the site."
    )
    baseURL: BaseURL = Field(DEFAULT_URL, description=BASE_URL)
    token: SecretField = Field(description="What a logged-in browser sends as `bx-umidtoken`.")
    cookies: SecretField = Field(description="What it sends as `Cookie`: all of it, as one text.")
    expiresAt: Moment | None = Field(
        None,
        description="When token and cookies end, as RFC 3339. From then on the provider is no candidate; its condition "
        "CredentialsValid warns three days before.",
    )
    userAgent: UserAgent | None = Field(
        None,
        description="What is sent as `User-Agent` (default: routerctl's own). The site may take cookies from the browser alone "
        "that they were made for: then write that one's.",
    )
    timeout: Timeout = Field("120s", description=TIMEOUT)
    connectTimeout: Timeout = Field("5s", description=CONNECT_TIMEOUT)
    firstByteTimeout: Timeout | None = Field(None, description=FIRST_BYTE_TIMEOUT)
    idleTimeout: Timeout | None = Field(None, description=IDLE_TIMEOUT)
    toolCalling: ToolCalling | None = Field(None, description=TOOL_CALLING)
    tls: TLSConfig | None = Field(None, description=TLS)

    @field_validator("toolCalling")
    @classmethod
    def _not_native(cls, written: ToolCalling | None) -> ToolCalling | None:
        if written == "native":
            raise PydanticCustomError("tool_calling", "the web session takes no tools; write xml or off")
        return written

    @field_validator("tls")
    @classmethod
    def _needs_https(cls, written: TLSConfig | None, info: ValidationInfo) -> TLSConfig | None:
        url = info.data.get("baseURL")
        if written is not None and isinstance(url, str) and not url.lower().startswith("https:"):
            raise PydanticCustomError("tls", "acts on nothing where baseURL is plain http; write https://")
        return written
