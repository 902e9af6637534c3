"""Settings.healthWebhook: who is told when a provider fails, or is well again."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconciler.field_types import SecretField, Timeout
from reconciler.resources.meta import Strict

Event = Literal["unhealthy", "healthy", "circuit-opened", "circuit-closed", "refused", "recovered"]


def _check_url(written: str) -> str:
    try:
        parts = urlsplit(written)
        whole = parts.hostname is not None and parts.port != 0 and parts.username is None
    except ValueError:
        whole = False
    if not whole:
        raise PydanticCustomError("webhook_url", "expected a URL such as https://hooks.example.com/routerctl")
    return written


WebhookUrl = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^https?://[^\s?#@\\]+(\?[^\s#\\]*)?$", max_length=2048),
    AfterValidator(_check_url),
]


class HealthWebhook(Strict):
    """A signed POST for each change of a provider's health. Who serves the store sends it, once for all workers."""

    url: WebhookUrl = Field(
        description="Where it goes. Settings.egress counts, and no redirect is followed. A query may hold what the receiver wants, but "
        "nothing secret: it is shown as it stands."
    )
    secret: SecretField = Field(
        description="What each message is signed with (Standard Webhooks, HMAC-SHA256): `whsec_` and base64, or any other text."
    )
    events: Annotated[list[Event], Field(min_length=1, max_length=6)] | None = Field(
        None,
        description="Which changes are told (default: the first four): `unhealthy` and `healthy`, as its probe finds it; "
        "`circuit-opened` and `circuit-closed`, when the first worker leaves it or a model of it alone, and when none does any "
        "more; `refused` and `recovered`, when a worker can't build it as it is configured, and when all can.",
    )
    timeout: Timeout = Field("10s", description="Bounds the wait for the receiver's answer.")
