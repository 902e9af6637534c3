from contextlib import closing
from pathlib import Path

import pytest
from fakes.api import api

from reconciler.bootstrap.stores import ServedStores
from reconciler.clock import SystemClock
from reconciler.resources.principal import Principal, Role
from reconciler.store.observations import Observations
from reconciler.store.records import StoreMissing
from reconciler.store.url import StoreLocation

WHO = Principal("token:x", Role.ADMIN)


def test_a_key_is_made_where_something_is_sealed_alone(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        stores = asked.ports.stores
        with stores.open(WHO, sealing=False) as store:
            assert store.cipher is None
        with stores.open(WHO, sealing=True) as store:
            assert store.cipher is not None
        with stores.open(WHO, sealing=False) as store:
            assert store.cipher is not None
        asked.serve(0)
        assert stores.served(WHO, 0, 1.0).look() is not None


def test_no_store_is_made(tmp_path: Path) -> None:
    location = StoreLocation(tmp_path / "s.db", tmp_path / "r.db")
    with closing(Observations(location.records_path)) as observations:
        stores = ServedStores(location, {}, observations, SystemClock())
        with pytest.raises(StoreMissing), stores.open(WHO, sealing=True):
            pass
        with pytest.raises(StoreMissing), stores.reading():
            pass
