from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.library.stores import open_store


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    with open_store(tmp_path / "new.db") as router:
        assert router.state() == {}
        assert list(router.history()) == []
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as again:
        assert again.state() == {}


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    file.write_bytes(b"something else" * 100)
    with open_store(file) as router, pytest.raises(StoreError):
        router.state()
