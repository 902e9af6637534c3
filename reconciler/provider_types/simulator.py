"""Type simulator: answers by itself, as slow, as chunked and as faulty as told. For demos, tests and load."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconciler.field_types import Duration
from reconciler.field_values import milliseconds
from reconciler.provider_types.base import (
    Endpoint,
    Headers,
    ProviderType,
    UpstreamRequest,
)
from reconciler.provider_types.config import ProviderConfig

MAX_TEXT = 65_536


def _check_status(status: int) -> int:
    if status != 0 and not 400 <= status <= 599:
        raise PydanticCustomError("error_status", "expected a status from 400 to 599, or 0 for none")
    return status


Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Ordinal = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class SimulatorConfig(ProviderConfig):
    text: Annotated[str, StringConstraints(strict=True, max_length=MAX_TEXT)] = Field(
        "This answer comes from the simulator of routerctl. No model was asked.",
        description="What every chat answer says.",
    )
    latency: Duration = Field("0ms", description="Wait before the first byte of an answer.")
    interval: Duration = Field("0ms", description="Wait between two chunks of a stream.")
    chunkSize: Ordinal = Field(16, description="Characters of the text in one chunk of a stream.")
    errorStatus: Annotated[
        int,
        Field(strict=True, json_schema_extra={"minimum": 0, "maximum": 599}),
        AfterValidator(_check_status),
    ] = Field(0, description="HTTP status (400 to 599) of the requests that fail; 0: none fails.")
    errorEvery: Ordinal = Field(1, description="Where errorStatus is set, each so-many-th request fails.")
    cutAfter: Count = Field(0, description="Text chunks after which a stream breaks off; 0: it does not.")
    dimensions: Annotated[int, Field(strict=True, ge=1, le=8192)] = Field(
        64, description="Length of an embedding, where the request asks for no other."
    )


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the simulator's transport does. `latency` and `interval` in seconds."""

    text: str
    latency: float
    interval: float
    chunk_size: int
    error_status: int
    error_every: int
    cut_after: int
    dimensions: int


@dataclass(frozen=True, slots=True)
class SimulatorAdapter:
    """Passes the client's body on; its transport reads `behaviour`."""

    behaviour: Behaviour

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:  # noqa: ARG002  it heeds none
        return UpstreamRequest(
            "POST", f"simulator://{endpoint.value}", (("content-type", "application/json"),), body
        )

    def probe(self, path: str | None) -> UpstreamRequest:
        return UpstreamRequest("GET", f"simulator://{path or '/models'}", (), b"")


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> SimulatorAdapter:  # noqa: ARG001  it has none
    if not isinstance(config, SimulatorConfig):
        raise TypeError(f"not a config of type simulator: {type(config).__name__}")
    return SimulatorAdapter(
        Behaviour(
            text=config.text,
            latency=milliseconds(config.latency) / 1000,
            interval=milliseconds(config.interval) / 1000,
            chunk_size=config.chunkSize,
            error_status=config.errorStatus,
            error_every=config.errorEvery,
            cut_after=config.cutAfter,
            dimensions=config.dimensions,
        )
    )


SERVED = frozenset(
    {
        Endpoint.CHAT,
        Endpoint.COMPLETIONS,
        Endpoint.EMBEDDINGS,
        Endpoint.RESPONSES,
        Endpoint.MESSAGES,
        Endpoint.COUNT_TOKENS,
    }
)

SIMULATOR = ProviderType(
    name="simulator", config=SimulatorConfig, transport="simulator", build=build, endpoints=SERVED
)
