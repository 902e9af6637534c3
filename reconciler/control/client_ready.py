"""Whether any key of a ClientKey is accepted at a moment, told by its spec alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import StoredResource

EXPIRED, NO_KEYS, DISABLED = "Expired", "NoKeys", "Disabled"


class ClientRefused(NamedTuple):
    """Why none is. `since` in seconds since the epoch, where it is known."""

    reason: str
    message: str
    since: float | None = None


def client_refused(stored: StoredResource, now: float) -> ClientRefused | None:
    """None where a key of it is accepted."""
    spec = stored.resource.spec
    if spec.get("enabled") is False:
        return ClientRefused(DISABLED, "spec.enabled is false")
    enabled = [key for key in keys_of(spec) if key.get("enabled") is not False]
    if not enabled:
        return ClientRefused(NO_KEYS, "it has no key that is enabled; routerctl key rotate makes one")
    ends = [key_end(spec, key) for key in enabled]
    known = [end for end in ends if end is not None]
    if len(known) == len(ends) and max(known) <= now:
        return ClientRefused(EXPIRED, "all of its keys have expired", max(known))
    return None


def keys_of(spec: JsonObject) -> Iterator[JsonObject]:
    keys = spec.get("keys")
    return (key for key in (keys if isinstance(keys, list) else ()) if isinstance(key, dict))


def key_end(spec: JsonObject, key: JsonObject) -> float | None:
    """From when on a key is refused, in seconds since the epoch: as it says, and at the latest with its ClientKey."""
    ends = [end for end in (_moment(spec.get("expires")), _moment(key.get("expires"))) if end is not None]
    return min(ends, default=None)


def _moment(written: JsonValue) -> float | None:
    return datetime.fromisoformat(written).timestamp() if isinstance(written, str) else None
