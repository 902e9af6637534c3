"""kind ClientKey: who may call the gateway, with which keys, for what, and how much."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import ClientName, Moment, ShortText, Text
from reconciler.resources.limits import Count
from reconciler.resources.meta import Strict
from reconciler.resources.model import Money

MAX_KEYS = 16
MAX_GLOBS = 256
KEY_ID_PATTERN = r"^[0-9A-Za-z]{12}$"
KEY_HASH_PATTERN = r"^sha256:[0-9a-f]{64}$"
METADATA_NAME_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
_HASH = re.compile(KEY_HASH_PATTERN)


def _check_hash(written: str) -> str:
    if not _HASH.match(written):
        raise PydanticCustomError(
            "key_hash",
            "expected sha256: and 64 hexadecimal digits, as `routerctl key create --save` writes it; "
            "a key itself never stands in a manifest",
        )
    return written


KeyId = Annotated[str, StringConstraints(strict=True, pattern=KEY_ID_PATTERN)]
KeyHash = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_check_hash),
    WithJsonSchema({"type": "string", "pattern": KEY_HASH_PATTERN}),
]
Tokens = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000_000)]
MetadataName = Annotated[str, StringConstraints(strict=True, pattern=METADATA_NAME_PATTERN)]


class Key(Strict):
    """One key of a client. Its text is `rk-<id>-<secret>`, and is kept nowhere."""

    id: KeyId = Field(description="The part of the key by which it is found.")
    hash: KeyHash = Field(description="The SHA-256 of the whole key, as `sha256:` and hexadecimal digits.")
    expires: Moment | None = Field(
        None, description="From when on it is refused, as RFC 3339 (default: when its ClientKey expires)."
    )
    enabled: bool = Field(True, strict=True, description="Whether it is accepted.")


class ClientLimits(Strict):
    """Over all workers of a store. What goes beyond is refused with 429 and the time after which to come again."""

    maxConcurrent: Count | None = Field(
        None, description="Requests that may be under way at once, streams until their end included."
    )
    requestsPerMinute: Count | None = Field(None, description="Requests within any 60 s.")
    requestsPerHour: Count | None = Field(None, description="Requests within any hour.")
    requestsPerDay: Count | None = Field(None, description="Requests within any 24 hours.")
    tokensPerMinute: Tokens | None = Field(
        None, description="Tokens within any 60 s, prompts and answers; estimated at first, then as used."
    )
    tokensPerHour: Tokens | None = Field(None, description="Tokens within any hour.")
    tokensPerDay: Tokens | None = Field(None, description="Tokens within any 24 hours.")


class Budget(Strict):
    """What may be spent within a window of the calendar, in UTC."""

    window: Literal["hour", "day", "week", "month"] = Field(
        description="How long until it begins anew; a week begins on Monday."
    )
    amount: Money | None = Field(
        None,
        description='US dollars, such as "25.00", by the pricing of the Models; one without a price is not served.',
    )
    tokens: Tokens | None = Field(None, description="Tokens, prompts and answers.")

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.amount is None and self.tokens is None:
            raise PydanticCustomError("budget", "expected amount, tokens or both")
        return self


def _check_ids(keys: list[Key]) -> list[Key]:
    if len({key.id for key in keys}) < len(keys):
        raise PydanticCustomError("keys", "two keys have one id; each key has its own")
    return keys


def _check_windows(budgets: list[Budget]) -> list[Budget]:
    if len({budget.window for budget in budgets}) < len(budgets):
        raise PydanticCustomError(
            "budgets", "two budgets have one window; write its amount and tokens into one"
        )
    return budgets


class ClientKeySpec(Strict):
    """A client of the data plane. Its requests are served in the namespace of this resource."""

    displayName: ShortText | None = Field(None, description="Name for people.")
    description: Text | None = Field(None, description="Who it is, and what for.")
    enabled: bool = Field(True, strict=True, description="Whether any of its keys is accepted.")
    keys: Annotated[list[Key], AfterValidator(_check_ids)] = Field(
        [],
        description="Its keys. Several may be in use at once, so that a new one can take over from an old one.",
        min_length=1,
        max_length=MAX_KEYS,
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"]},
    )
    models: list[ClientName] | None = Field(
        None,
        description="What it may ask for: names of Models, or the names and aliases that lead to them; each * stands for any "
        "text. Whoever serves a request, also as a fallback or in the place of another Model, must be of a Model that is "
        "named here (default: all).",
        min_length=1,
        max_length=MAX_GLOBS,
    )
    routes: list[ShortText] | None = Field(
        None,
        description="The Routes that may decide its requests, by name; each * stands for any text. All others are as if they "
        "were not there (default: all).",
        min_length=1,
        max_length=MAX_GLOBS,
    )
    expires: Moment | None = Field(
        None, description="From when on none of its keys is accepted, as RFC 3339 (default: never)."
    )
    limits: ClientLimits | None = Field(None, description="How much it may ask.")
    budgets: Annotated[list[Budget], AfterValidator(_check_windows)] = Field(
        [],
        description="How much it may spend, for each window.",
        min_length=1,
        max_length=4,
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["window"]},
    )
    metadata: dict[MetadataName, ShortText] | None = Field(
        None, description="Words of yours that go to the records and logs of its requests.", max_length=16
    )
