"""Providers whose credentials end at a known time: from then on they are refused, and their builds end."""

from collections.abc import Collection
from datetime import UTC, datetime

from reconciler.errors import Expired
from reconciler.field_values import moment
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey


def expiry_of(config: JsonObject) -> datetime | None:
    """When what a provider's config holds ends; None where it does not say."""
    return moment(config.get("expiresAt"))


def expired(at: datetime) -> Expired:
    """To be raised."""
    until = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Expired(
        f"its credentials have expired ({until})", hint="renew them, and config.expiresAt with them"
    )


class Expiries:
    """By provider. Used by one thread at a time, as a builder is."""

    def __init__(self) -> None:
        self._at: dict[ResourceKey, datetime] = {}

    def check(self, provider: ResourceKey, at: datetime | None, now: datetime) -> None:
        """Raises Expired where the time is over; else remembers when it will be."""
        self._at.pop(provider, None)
        if at is None:
            return
        if at <= now:
            raise expired(at)
        self._at[provider] = at

    def due(self, now: datetime) -> Collection[ResourceKey]:
        """Those whose time is over by now, each told once: they are to be built anew."""
        found = [provider for provider, at in self._at.items() if at <= now]
        for provider in found:
            del self._at[provider]
        return found
