"""How long the credentials of a provider hold, where its config says when they end."""

from datetime import UTC, datetime
from typing import Literal, NamedTuple

from reconciler.field_values import moment
from reconciler.json_types import JsonValue

VALID, EXPIRES_SOON, EXPIRED = "Valid", "ExpiresSoon", "Expired"
SOON_SECONDS = 3 * 86_400.0
_RENEW = "renew them, and config.expiresAt with them"


class CredentialsValid(NamedTuple):
    """`since` in seconds since the epoch, where it is known."""

    status: Literal["True", "False"]
    reason: str
    message: str
    since: float | None = None


def credentials_valid(config: JsonValue, now: float) -> CredentialsValid | None:
    """None where the config does not say. `now` in seconds since the epoch."""
    at = moment(config.get("expiresAt")) if isinstance(config, dict) else None
    if at is None:
        return None
    end = at.timestamp()
    told = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if end <= now:
        return CredentialsValid("False", EXPIRED, f"its credentials have expired at {told}; {_RENEW}", end)
    if end - now > SOON_SECONDS:
        return CredentialsValid("True", VALID, f"until {told}")
    left = datetime.fromtimestamp(end, UTC) - datetime.fromtimestamp(now, UTC)
    hours = int(left.total_seconds() // 3600)
    return CredentialsValid(
        "True", EXPIRES_SOON, f"until {told}, which is in {hours} h; {_RENEW}", end - SOON_SECONDS
    )
