import asyncio
from pathlib import Path

import pytest
from fakes.doors import scope
from fakes.store import commit_all

from reconciler.bootstrap.doors import door_of
from reconciler.clock import SystemClock
from reconciler.listener.access import Access, AccessRefused
from reconciler.settings import Reach
from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.url import parse


def test_who_is_refused_at_a_store_stands_in_its_audit(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path)
    with Reader(path) as reader:
        door = door_of(parse(str(path)), reader, Reach(), SystemClock())
        with pytest.raises(AccessRefused):
            asyncio.run(door.check(scope(method="POST", path="/x", client="192.0.2.7"), Access.ADMIN))
    with Reader(path) as reader:
        (row,) = audit.rows(reader)
    assert (row.principal, row.address, row.operation, row.target) == ("unknown", "192.0.2.7", "POST", "/x")
