"""Upstreams that nobody asks, for whoever wants to know what a compile decides: no secret is read, none is refused."""

from typing import TYPE_CHECKING

from reconciler.late import late
from reconciler.provider_types.base import EVERY_ENDPOINT, Endpoint, Headers, UpstreamRequest
from reconciler.resources.resource import StoredResource
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Upstream

if TYPE_CHECKING:
    from reconciler.provider_types import catalog
else:
    catalog = late("reconciler.provider_types.catalog")


class EveryProvider:
    """A builder that refuses none."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:  # noqa: ARG002  the protocol's
        known = catalog.PROVIDER_TYPES.get(str(provider.resource.spec.get("type")))
        endpoints = known.endpoints if known is not None else EVERY_ENDPOINT
        return Built(previous or Upstream(provider.key, "", _Unasked(), "", 0, endpoints))


class _Unasked:
    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise NotImplementedError("no request is sent here")

    def probe(self, path: str | None) -> UpstreamRequest:
        raise NotImplementedError("no request is sent here")
