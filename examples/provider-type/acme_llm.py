"""Provider type acme-llm: an upstream with a header of its own for the key, tenants, and a list of models at /catalog.

All that there is to a type: what a manifest may say (AcmeConfig), how requests are written (AcmeAdapter), and the row
that routerctl finds by the entry point in pyproject.toml (ACME_LLM).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from reconciler.errors import InvalidInput
from reconciler.field_types import SecretField, Timeout
from reconciler.provider_types.base import Adapter, Endpoint, Headers, ProviderType, UpstreamRequest
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.discovery import (
    Discovery,
    Listed,
    Offered,
    Unreadable,
    listed,
    parsed,
    plain_name,
)

Tenant = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9-]{1,63}$")]


class AcmeConfig(ProviderConfig):
    """Fields that routerctl's own types have are used as they are there; each has a description, for `explain`."""

    baseURL: BaseURL = Field("https://llm.acme.example/v1", description="Where the interface begins.")
    apiKey: SecretField = Field(description="Sent as `X-Acme-Key`.")
    tenant: Tenant = Field(description="Who pays: lower-case letters, digits and hyphens.")
    timeout: Timeout = Field("60s", description="Bounds the wait for an answer.")


@dataclass(frozen=True, slots=True)
class AcmeAdapter:
    """One provider as built. It does no I/O: bytes in, bytes out. What holds the key stays out of its repr."""

    base_url: str
    headers: Headers = field(repr=False)

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        """`body` names the upstream's model already; `passed` are headers of the client that the endpoint lets through."""
        headers = (*self.headers, ("content-type", "application/json"), *passed)
        return UpstreamRequest("POST", self.base_url + endpoint.path, headers, body)

    def probe(self, path: str | None) -> UpstreamRequest:
        """What shows that it is well: its list of models, or `path` from the root of its host."""
        parts = urlsplit(self.base_url)
        url = f"{self.base_url}/catalog" if path is None else f"{parts.scheme}://{parts.netloc}{path}"
        return UpstreamRequest("GET", url, self.headers, b"")


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    """`secrets` are the values of `secret_fields`. Raises InvalidInput for what does not go together."""
    if not isinstance(config, AcmeConfig):
        raise TypeError(f"not a config of type acme-llm: {type(config).__name__}")
    key = secrets["apiKey"]
    if not key.isascii() or not key.isprintable():
        raise InvalidInput("the value of apiKey holds characters that no HTTP header can hold")
    headers = (("x-acme-key", key), ("x-acme-tenant", config.tenant))
    return AcmeAdapter(config.baseURL.rstrip("/"), headers)


def read_catalog(body: bytes) -> Listed:
    """`{"entries": [{"model": "a", "window": 8192}]}`, for `model sync` and `test`."""
    told = parsed(body)
    entries = told.get("entries") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise Unreadable("the answer holds no entries")
    return listed(entries, _offer)


def _offer(entry: Mapping[str, object]) -> Offered | None:
    name, window = plain_name(entry.get("model")), entry.get("window")
    return (
        Offered(name, context_window=window if isinstance(window, int) else None)
        if name is not None
        else None
    )


ACME_LLM = ProviderType(
    name="acme-llm",
    config=AcmeConfig,
    transport="http",
    build=build,
    secret_fields=("apiKey",),
    in_place=("timeout",),
    endpoints=frozenset({Endpoint.CHAT, Endpoint.EMBEDDINGS}),
    discovery=Discovery(read_catalog),
)
