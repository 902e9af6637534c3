"""What a provider's spec says of its health, as the gateway acts on it."""

from collections.abc import Collection, Mapping

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.model import Health, Probe

_HEALTH = Health()
_PROBE = Probe()


def health_of(spec: JsonObject) -> Health:
    """Of a Provider's spec; the same object for all that say nothing."""
    told = spec.get("health")
    if not isinstance(told, dict):
        return _HEALTH
    return Health(
        failure_threshold=_integer(told.get("failureThreshold"), _HEALTH.failure_threshold),
        window=_seconds(told.get("window"), _HEALTH.window),
        open_for=_seconds(told.get("openFor"), _HEALTH.open_for),
        failure_percent=_integer(told.get("failurePercent"), _HEALTH.failure_percent),
        min_requests=_integer(told.get("minRequests"), _HEALTH.min_requests),
        slow_start=_seconds(told.get("slowStart"), _HEALTH.slow_start),
    )


def probe_of(spec: JsonObject) -> Probe | None:
    """None where it is not looked at."""
    told = value_at(spec, ("health", "probe"))
    if not isinstance(told, dict):
        return None
    path, statuses = told.get("path"), told.get("statuses")
    return Probe(
        interval=_seconds(told.get("interval"), _PROBE.interval),
        timeout=_seconds(told.get("timeout"), _PROBE.timeout),
        healthy_threshold=_integer(told.get("healthyThreshold"), _PROBE.healthy_threshold),
        unhealthy_threshold=_integer(told.get("unhealthyThreshold"), _PROBE.unhealthy_threshold),
        path=path if isinstance(path, str) else None,
        statuses=frozenset(each for each in statuses if isinstance(each, int))
        if isinstance(statuses, list)
        else _PROBE.statuses,
        slow_start=health_of(spec).slow_start,
    )


def probes_of(
    before: Mapping[ResourceKey, Probe],
    touched: Collection[ResourceKey],
    resources: Mapping[ResourceKey, StoredResource],
    upstreams: Collection[ResourceKey],
) -> Mapping[ResourceKey, Probe]:
    """How the built ones of the providers are looked at; `before` itself where nothing changes."""
    kept = {key: probe for key, probe in before.items() if key not in touched}
    found = {key: probe_of(resources[key].resource.spec) for key in touched if key in upstreams}
    new = {key: probe for key, probe in found.items() if probe is not None}
    return {**kept, **new} if new or len(kept) < len(before) else before


def _integer(written: JsonValue, default: int) -> int:
    return written if isinstance(written, int) else default


def _seconds(written: JsonValue, default: float) -> float:
    return milliseconds(written) / 1000 if isinstance(written, str | int) else default
