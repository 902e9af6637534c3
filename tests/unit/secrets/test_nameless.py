import os
from pathlib import Path

import pytest

from reconciler.secrets.nameless import nameless


def test_it_is_read_under_its_path_and_gone_after_it() -> None:
    with nameless(b"content") as path:
        assert Path(path).read_bytes() == b"content"
    with pytest.raises(OSError, match=r"Bad file descriptor|No such"):
        Path(path).read_bytes()


def test_it_lies_in_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    with nameless(b"content") as path:
        link = Path("/proc/self/fd") / path.rpartition("/")[2]
        assert not str(link.readlink()).startswith("/tmp")
    monkeypatch.delattr(os, "memfd_create")
    with nameless(b"elsewhere") as path:
        assert Path(path).read_bytes() == b"elsewhere"
