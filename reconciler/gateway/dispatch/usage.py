"""Usage for every request: asked of streams that would not tell it, and estimated where nobody does."""

from reconciler.gateway.dispatch.relay import Relay
from reconciler.protocol.body import Body
from reconciler.protocol.estimate import estimated
from reconciler.protocol.usage import Usage
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Upstream

_REFUSING = frozenset({400, 422})
_NAMES = (b"stream_options", b"include_usage")


class UsageRefusals:
    """The upstreams that refuse to be asked. A provider that is built anew is asked again. One a worker."""

    def __init__(self) -> None:
        self._builds: dict[ResourceKey, str] = {}

    def __contains__(self, upstream: Upstream) -> bool:
        return self._builds.get(upstream.key) == upstream.fingerprint

    def add(self, upstream: Upstream) -> None:
        self._builds[upstream.key] = upstream.fingerprint


def refuses_to_tell(status: int, body: bytes) -> bool:
    """Whether an upstream's error is about the field that was added, which the client can't take back."""
    return status in _REFUSING and any(name in body for name in _NAMES)


def used(row: EndpointRow, body: Body, relay: Relay) -> Usage | None:
    """By an answer that began, whole or not."""
    if relay.usage is not None or not row.estimates:
        return relay.usage
    prompt = relay.prompt_tokens
    if prompt is None and body.weight is not None:
        prompt = body.weight.prompt
    return estimated(body.raw, relay.text_bytes, prompt)
