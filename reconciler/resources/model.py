"""kind Model: what clients ask for."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconciler.field_types import MONEY_PATTERN, ClientName, ShortText, Text
from reconciler.json_types import MAX_SAFE_INTEGER
from reconciler.resources.meta import Strict

Tokens = Annotated[int, Field(strict=True, ge=1, le=MAX_SAFE_INTEGER)]


def _check_alias(alias: str) -> str:
    if "*" in alias[:-1]:
        raise PydanticCustomError("alias", "an alias may hold one *, at its end")
    return alias


Alias = Annotated[ClientName, AfterValidator(_check_alias)]


Money = Annotated[str, StringConstraints(strict=True, pattern=MONEY_PATTERN)]
"""US dollars, as a decimal text: no float is stored anywhere."""


class Pricing(Strict):
    """What its tokens cost, in US dollars a million. What is not told is not known; "0" is free."""

    input: Money | None = Field(None, description='A million tokens of prompts, such as "0.15".')
    cachedInput: Money | None = Field(
        None, description="A million tokens of prompts that the upstream had in its cache."
    )
    output: Money | None = Field(None, description="A million tokens of answers.")


class ModelSpec(Strict):
    """The name in `metadata` and the aliases are what a client's `model` may say."""

    displayName: ShortText | None = Field(None, description="Name for people.")
    description: Text | None = Field(None, description="What it is good for; told by /v1/models.")
    capabilities: list[ShortText] | None = Field(
        None,
        description="What it can do (chat, embeddings, tools, vision, json-schema, audio); told by /v1/models. A Route passes "
        "a Model over that tells some and lacks one of the last four where a request needs it.",
        max_length=64,
    )
    contextWindow: Tokens | None = Field(None, description="Tokens that prompt and answer share.")
    maxOutputTokens: Tokens | None = Field(None, description="Tokens an answer may have.")
    pricing: Pricing | None = Field(
        None,
        description="What its tokens cost, in US dollars a million; told by /v1/models, and `diff` tells what rises.",
    )
    aliases: list[Alias] | None = Field(
        None,
        description="Other names for it. One that ends in * takes every name that begins so; exact names win.",
        max_length=256,
    )
