"""What of requests is written down, and how long it is kept: the guards of the Settings, which count in `default` alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource

_MIB = 1024 * 1024
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Recording:
    """`retention` is milliseconds. `body_bytes` is 0 where bodies are not kept, else how much of each is."""

    requests: bool = True
    retention: int = 7 * 24 * 3_600_000
    max_bytes: int = 512 * _MIB
    body_bytes: int = 0


def recording(resources: Mapping[ResourceKey, StoredResource]) -> Recording:
    """As the Settings of the namespace `default` say."""
    stored = resources.get(ResourceKey("Settings", DEFAULT_NAMESPACE, "default"))
    spec: JsonObject = stored.resource.spec if stored is not None else {}
    records, unsaid = spec.get("records"), Recording()
    told = records if isinstance(records, dict) else {}
    retention = spec.get("retention")
    return Recording(
        requests=told.get("requests") is not False,
        retention=milliseconds(retention) if isinstance(retention, str | int) else unsaid.retention,
        max_bytes=_number(told.get("maxSizeMiB"), unsaid.max_bytes // _MIB) * _MIB,
        body_bytes=_number(told.get("maxBodyKiB"), 64) * _KIB if told.get("bodies") is True else 0,
    )


def _number(value: JsonValue, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
