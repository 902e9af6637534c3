import os
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.store import SteppingClock

from reconciler.clock import timestamp
from reconciler.errors import Expired
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.read_files import ReadFiles, mark_of

A, B = (ResourceKey("Provider", "default", name) for name in "ab")


def test_those_whose_files_changed_are_told_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    files = ReadFiles()
    files.note(A, str(one))
    files.note(B, str(one))
    files.note(B, str(two))
    assert files.changed() == []
    two.write_text("longer")
    assert files.changed() == [B]
    assert files.changed() == []
    one.unlink()
    assert files.changed() == [A]


def test_a_symlink_that_is_swapped_is_another_file(tmp_path: Path) -> None:
    """As the kubelet does it: key -> ..data/key, ..data -> a folder with a time in its name."""
    for name in ("..1", "..2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "key").write_text("same")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "key").symlink_to("..data/key")
    files = ReadFiles()
    files.note(A, str(tmp_path / "key"))
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").replace(tmp_path / "..data")
    assert files.changed() == [A]


def test_what_is_not_there_may_come(tmp_path: Path) -> None:
    files = ReadFiles()
    files.note(A, str(tmp_path / "later"))
    files.note(A, "nul\0")
    assert files.changed() == []
    (tmp_path / "later").write_text("x")
    assert files.changed() == [A]


def test_what_was_read_for_an_earlier_build_counts_no_more(tmp_path: Path) -> None:
    file = tmp_path / "one"
    files = ReadFiles()
    files.note(A, str(file))
    files.begin(A)
    files.begin(B)
    file.write_text("x")
    assert files.changed() == []


def test_the_first_look_counts(tmp_path: Path) -> None:
    file = tmp_path / "one"
    files = ReadFiles()
    files.note(A, str(file))
    file.write_text("x")
    files.note(A, str(file))
    assert files.changed() == [A]


def test_rights_count_too(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("x")
    before = mark_of(str(file))
    os.chmod(file, 0o400)  # noqa: PTH101  as the module speaks of paths
    assert before != mark_of(str(file)) is not None


def test_those_whose_credentials_end_are_told_then() -> None:
    clock = SteppingClock()
    files = ReadFiles(clock)
    files.lasts(A, {"expiresAt": timestamp(clock.now() + timedelta(seconds=4))})
    files.lasts(B, {})
    assert [files.changed(), files.changed()] == [[], [A]]
    with pytest.raises(Expired):
        files.lasts(A, {"expiresAt": "2020-01-01T00:00:00Z"})
    assert files.changed() == []
