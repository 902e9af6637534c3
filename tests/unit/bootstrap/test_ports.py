from contextlib import closing
from pathlib import Path

from reconciler.bootstrap.ports import ports_of
from reconciler.clock import SystemClock
from reconciler.store.observations import Observations
from reconciler.store.url import StoreLocation


def test_nothing_is_opened_before_somebody_asks(tmp_path: Path) -> None:
    location = StoreLocation(tmp_path / "s.db", tmp_path / "r.db")
    with closing(Observations(location.records_path)) as observations:
        ports = ports_of(location, {}, observations, SystemClock())
        assert ports.stores.observations is observations
    assert [*tmp_path.iterdir()] == []
