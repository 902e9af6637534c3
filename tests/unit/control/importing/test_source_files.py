import os
from pathlib import Path

import pytest

from reconciler.control.importing.source_files import candidates, content_of, including
from reconciler.errors import InvalidInput


def test_what_is_included_lies_below(tmp_path: Path) -> None:
    below = tmp_path / "config"
    below.mkdir()
    (below / "more.yaml").write_text("a: 1\n")
    (tmp_path / "outside.yaml").write_text("a: 1\n")
    (below / "bad.yaml").write_text("a: [\n")
    include = including(below)
    assert include("more.yaml") == {"a": 1}
    assert [
        include(name)
        for name in ("../outside.yaml", str(tmp_path / "outside.yaml"), "gone.yaml", "bad.yaml", "a\0b")
    ] == [None] * 5


def test_what_is_no_small_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    for name, words in (
        ("pipe", "no regular file"),
        ("gone", "can't be read"),
        ("large", "larger"),
        ("a\0b", "not a usable path"),
    ):
        with pytest.raises(InvalidInput, match=words):
            content_of(tmp_path / name)


def test_databases_come_first(tmp_path: Path) -> None:
    for name in ("b.yaml", ".env", "z.db", "notes.txt", ".env.example"):
        (tmp_path / name).touch()
    assert [path.name for path in candidates(tmp_path)] == ["z.db", ".env", "b.yaml"]
