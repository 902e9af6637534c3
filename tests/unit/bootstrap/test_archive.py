from pathlib import Path

import pytest
from fakes.store import open_writer
from fakes.traffic import row, write

from reconciler.bootstrap.archive import ServedArchive
from reconciler.clock import SystemClock
from reconciler.errors import StoreError
from reconciler.resources.principal import Principal, Role
from reconciler.store.audit import rows
from reconciler.store.reader import Reader
from reconciler.store.traffic_query import SoughtRequests
from reconciler.store.url import parse

ADA = Principal("token:ada", Role.OPERATOR, address="127.0.0.1")


def test_what_is_deleted_is_in_the_audit(tmp_path: Path) -> None:
    location = parse(f"sqlite:///{tmp_path / 's.db'}")
    with open_writer(location.config_path):
        pass
    write(location.traffic_path, row(id="a"), row(id="b"))
    archive = ServedArchive(location, SystemClock())
    assert archive.delete(ADA, SoughtRequests(id="a"), "request a").requests == 1
    assert [each.id for each in archive.traffic.find(SoughtRequests())] == ["b"]
    with Reader(location.config_path) as reader:
        (deed,) = rows(reader)
    assert (deed.principal, deed.address, deed.operation, deed.target) == (
        "token:ada", "127.0.0.1", "records delete", "request a",
    )  # fmt: skip


def test_without_a_deed_nothing_is_deleted(tmp_path: Path) -> None:
    location = parse(f"sqlite:///{tmp_path / 's.db'}")
    write(location.traffic_path, row(id="a"))
    archive = ServedArchive(location, SystemClock())
    with pytest.raises(StoreError):
        archive.delete(ADA, SoughtRequests(id="a"), "request a")
    assert archive.traffic.count(SoughtRequests(), 9) == (1, True)
