from pathlib import Path

import pytest
from fakes.api import api

from reconciler.errors import Forbidden, NotFound
from reconciler.management.rest.looking import looking, milliseconds_of
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey


def test_what_a_principal_sees_with_its_times(tmp_path: Path) -> None:
    key = ResourceKey("Model", "default", "m")
    with api(tmp_path) as asked:
        made = asked.post("/v1/models", {"id": "m"}).json()
        with looking(asked.ports.stores, Principal("token:x", Role.VIEWER)) as now:
            stored = now.require(key)
            assert now.created_at(stored) == made["created_at"]
            assert now.updated_at(stored) == now.updated_at(stored) == made["updated_at"]
            assert now.live("Model", "default") == [stored]
            with pytest.raises(NotFound):
                now.require(key._replace(name="n"))
        other = Principal("token:y", Role.VIEWER, namespaces=frozenset({"team"}))
        with looking(asked.ports.stores, other) as now, pytest.raises(Forbidden):
            now.require(key)


def test_times_are_milliseconds() -> None:
    assert milliseconds_of("1970-01-01T00:00:01Z") == 1000
