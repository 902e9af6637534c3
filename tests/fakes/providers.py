"""Builds upstreams without secrets or connections, so that a compile can be looked at alone."""

import json

from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.resources.resource import StoredResource
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Refusal, Upstream


class NoAdapter:
    """Encodes nothing."""

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise AssertionError("no request is made here")

    def probe(self, path: str | None) -> UpstreamRequest:
        raise AssertionError("nobody looks at it")


class PlainBuilder:
    """The fingerprint is the config and what the Secrets hold that it refers to. `refused` names are refused."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.built: list[str] = []

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        name = provider.key.name
        if name in self.refused:
            return Built(previous, Refusal(provider.key, "refused", previous.revision if previous else None))
        spec = provider.resource.spec
        held = {
            str(key): stored.resource.spec
            for key, stored in sorted(resources.items())
            if (key.kind, key.namespace) == ("Secret", provider.key.namespace)
            if f'"name": "{key.name}"' in json.dumps(spec)
        }
        fingerprint = json.dumps([spec["type"], spec["config"], held], sort_keys=True)
        if previous is not None and previous.fingerprint == fingerprint:
            return Built(previous)
        self.built.append(name)
        return Built(Upstream(provider.key, "http", NoAdapter(), fingerprint, provider.revision))
