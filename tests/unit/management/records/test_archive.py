from pathlib import Path

from reconciler.bootstrap.archive import ServedArchive
from reconciler.clock import SystemClock
from reconciler.management.records.archive import Archive
from reconciler.store.traffic_query import SoughtRequests
from reconciler.store.url import parse


def test_what_bootstrap_gives_fits(tmp_path: Path) -> None:
    archive: Archive = ServedArchive(parse(str(tmp_path / "s.db")), SystemClock())
    assert archive.traffic.find(SoughtRequests()) == []
