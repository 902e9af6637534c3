"""What it does is proved with `test_health`; here, what it does when the file can't be used."""

from contextlib import closing
from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store.health import Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations


def test_a_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    path.write_bytes(b"no database" * 100)
    with closing(Observations(path)) as observations:
        records = HealthRecords(observations)
        for use in (
            lambda: records.exchange(Told("a", 1.0)),
            lambda: records.rows(1.0),
            records.last_reset,
            lambda: records.reset(["Provider/p"], 1.0),
        ):
            with pytest.raises(StoreError):
                use()
