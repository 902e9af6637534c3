import pytest
from fakes.states import stored

from reconciler.json_types import JsonValue
from reconciler.provider_types.base import EVERY_ENDPOINT, Endpoint
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.unbuilt import EveryProvider


def built(type_name: JsonValue, previous: Upstream | None = None) -> Upstream:
    provider = stored(Resource(ResourceKey("Provider", "default", "p"), {"type": type_name, "config": {}}))
    found = EveryProvider().build(provider, {}, previous).upstream
    assert found is not None
    return found


def test_it_has_the_endpoints_of_its_type_and_is_kept() -> None:
    upstream = built("simulator")
    assert upstream.endpoints == PROVIDER_TYPES["simulator"].endpoints
    assert built("simulator", upstream) is upstream
    assert built("of-another-release").endpoints == EVERY_ENDPOINT


def test_nobody_asks_it() -> None:
    adapter = built("simulator").adapter
    with pytest.raises(NotImplementedError):
        adapter.encode(Endpoint.CHAT, b"")
    with pytest.raises(NotImplementedError):
        adapter.probe(None)
