import asyncio

import pytest
from fakes.doors import scope
from starlette.requests import Request

from reconciler.gateway.endpoints.routes import cold_routes
from reconciler.listener.access import Access
from reconciler.management import data_plane
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.registry import Registry


def test_every_endpoint_is_described_hot_or_not() -> None:
    paths = data_plane.document()["paths"]
    assert isinstance(paths, dict)
    hot = {row.path for row in ENDPOINTS.values()}
    cold = {route.path.replace(":path", "") for route in cold_routes(Registry(), data_plane.nobody)}
    assert set(paths) == hot | cold


def test_what_describes_serves_nothing() -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(data_plane.nobody(scope(), Access.OPEN))
    with pytest.raises(NotImplementedError):
        asyncio.run(data_plane.nowhere(Request(scope())))
