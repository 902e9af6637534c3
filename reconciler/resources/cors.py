"""Settings.cors: which web pages may use the data plane."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import Duration
from reconciler.field_values import milliseconds
from reconciler.protocol.header_names import is_name
from reconciler.resources.meta import Strict

ANY = "*"
MAX_ORIGINS = 256
MAX_AGE_MS = 24 * 3_600_000
_ORIGIN = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
_ORIGIN_PATTERN = r"^(\*|https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?)$"


def _check_origin(written: str) -> str:
    if written != ANY and not _ORIGIN.fullmatch(written):
        raise PydanticCustomError(
            "origin",
            "expected an origin such as https://app.example.com: scheme, host and port, without a path; or * for all",
        )
    return written


def _check_header(name: str) -> str:
    if not is_name(name):
        raise PydanticCustomError("header", "the name of a header is not one that HTTP allows")
    return name


def _check_age(written: str | int) -> str | int:
    if milliseconds(written) > MAX_AGE_MS:
        raise PydanticCustomError("max_age", "expected at most 24h: no browser keeps it longer")
    return written


Origin = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=300),
    AfterValidator(_check_origin),
    Field(json_schema_extra={"pattern": _ORIGIN_PATTERN}),
]
HeaderName = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=128), AfterValidator(_check_header)
]


class Cors(Strict):
    """Which web pages may send requests from a browser and read the answers, beside those of `--allow-origin`."""

    origins: Annotated[list[Origin], Field(min_length=1, max_length=MAX_ORIGINS)] = Field(
        description="Origins of pages, such as https://app.example.com. `*` stands for all, where clients need keys "
        "(`auth.dataPlane: keys`): without keys any page could spend the owner's money.",
    )
    credentials: bool = Field(
        False,
        description="Whether a browser sends what it has of cookies and certificates along. The gateway itself looks at none.",
        strict=True,
    )
    headers: Annotated[list[HeaderName], Field(min_length=1, max_length=64)] | None = Field(
        None, description="The headers that pages may set (default: whichever they ask for)."
    )
    maxAge: Annotated[Duration, AfterValidator(_check_age)] = Field(
        "10m", description="How long a browser may keep what it was told of all this, 24h at most."
    )

    @model_validator(mode="after")
    def _all_or_some(self) -> Self:
        if ANY in self.origins and len(self.origins) > 1:
            raise PydanticCustomError("cors", "* stands for all origins; leave the others out, or *")
        if ANY in self.origins and self.credentials:
            raise PydanticCustomError("cors", "credentials are for origins that are named, and not for *")
        return self
