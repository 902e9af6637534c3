"""Provider.spec.health: when it is passed over, how it is looked at, and how it comes back."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import Duration, Timeout
from reconciler.field_values import milliseconds
from reconciler.resources.meta import Strict

MAX_PATH = 1024

Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Count = Annotated[int, Field(strict=True, ge=1, le=100)]
Status = Annotated[int, Field(strict=True, ge=200, le=599)]


def _check_path(path: str) -> str:
    """Only a path below the host that it has: no other host, no way up."""
    segments = path.partition("?")[0].lower().replace("%2e", ".").replace("%2f", "/").split("/")
    if path.startswith("//") or {".", ".."} & set(segments):
        raise PydanticCustomError("probe_path", "expected a path without . and .. that begins with one /")
    return path


ProbePath = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=MAX_PATH,
        pattern=r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$",
    ),
    AfterValidator(_check_path),
]


class Probe(Strict):
    """Looks at the provider now and then, whether clients ask it or not. One worker of the store does it for all."""

    path: ProbePath | None = Field(
        None,
        description="What is asked for (GET), from the root of baseURL's host: /health. Default: /models below baseURL, "
        "which most upstreams serve, and which shows whether they take the key.",
    )
    interval: Timeout = Field("10s", description="From one probe to the next.")
    timeout: Timeout = Field(
        "5s", description="Bounds one probe, connecting included. Not longer than `interval`."
    )
    healthyThreshold: Count = Field(
        2, description="So many good ones in a row, and one that was unhealthy is asked again."
    )
    unhealthyThreshold: Count = Field(3, description="So many bad ones in a row, and it is unhealthy.")
    statuses: Annotated[list[Status], Field(min_length=1, max_length=32)] | None = Field(
        None, description="Statuses that are good (default: any 2xx). Redirects are not followed."
    )

    @model_validator(mode="after")
    def _check_timeout(self) -> Self:
        if milliseconds(self.timeout) > milliseconds(self.interval):
            raise PydanticCustomError(
                "probe_timeout",
                "timeout is longer than interval: the next probe would begin before this one ends",
            )
        return self


class Health(Strict):
    """When a provider, or a model of it, is left alone for a while, by each worker for itself; and how it is looked at."""

    failureThreshold: Annotated[int, Field(strict=True, ge=0, le=1000)] = Field(
        5,
        description="So many failures in a row are enough. 0: it is always asked, whatever it answers.",
    )
    failurePercent: Percent = Field(
        50,
        description="So many failures in a hundred requests within `window` are enough as well. 0: their share does not "
        "count.",
    )
    minRequests: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = Field(
        None,
        description="With fewer requests within `window` there is no share to speak of (default: twice failureThreshold).",
    )
    window: Timeout = Field("10s", description="How far back the share of failures is counted.")
    openFor: Timeout = Field(
        "5s",
        description="How long nobody asks it then. After that one request at a time does, at most one a second, until one "
        "is answered.",
    )
    slowStart: Duration = Field(
        "0s",
        description="How long its share of the requests grows, from a tenth to all, once it is well again. The others go "
        "on to the next candidate; where there is none, it gets them all.",
    )
    probe: Probe | None = Field(
        None,
        description="How it is looked at, beside the requests of clients. One that is unhealthy is asked after all others. "
        "Default: not at all.",
    )
