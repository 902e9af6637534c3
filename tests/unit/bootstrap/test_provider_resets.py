from contextlib import closing
from pathlib import Path

from fakes.workshop import PROVIDER, Workshop
from fakes.writing import someone

from reconciler.bootstrap.provider_resets import reset
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.url import parse


def test_workers_are_told_and_it_is_written_down(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    location = parse(str(shop.store))
    assert reset([PROVIDER], location, shop.clock, someone()).live == 0
    with closing(Observations(location.records_path)) as observations:
        assert HealthRecords(observations).last_reset() == 1
    rows = shop.reader.select("SELECT principal, operation, target FROM audit")
    shop.close()
    assert rows[-1] == ("token:ci", "provider reset", "Provider/sim")
