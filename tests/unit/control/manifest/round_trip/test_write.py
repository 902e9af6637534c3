import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.errors import Conflict, InvalidInput, Refused


def write(folder: Path, *changes: FileChange) -> None:
    write_folder(FolderPlan(folder.resolve(), changes, (), ()))


def names(folder: Path) -> Sequence[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_files_come_change_and_go(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a\r\n")
    (tmp_path / "b.yaml").write_bytes(b"b")
    write(
        tmp_path,
        FileChange("b.yaml", b"b", None),
        FileChange("a.yaml", b"a\r\n", b"x\r\n"),
        FileChange("new/c.yaml", None, b"c"),
    )
    assert names(tmp_path) == ["a.yaml", "new/c.yaml"]
    assert (tmp_path / "a.yaml").read_bytes() == b"x\r\n"


def test_the_mode_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a")
    file.chmod(0o640)
    write(tmp_path, FileChange("a.yaml", b"a", b"x"))
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_folder_is_made(tmp_path: Path) -> None:
    write(tmp_path / "not" / "yet", FileChange("a.yaml", None, b"a"))
    assert names(tmp_path) == ["not/yet/a.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"other")
    for change in (
        FileChange("a.yaml", b"a", b"x"),
        FileChange("a.yaml", b"a", None),
        FileChange("a.yaml", None, b"x"),
    ):
        with pytest.raises(Conflict, match="changed while it was read"):
            write(tmp_path, change)
    assert (tmp_path / "a.yaml").read_bytes() == b"other"
    assert names(tmp_path) == ["a.yaml"]


def test_no_symlink_leads_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.yaml").write_bytes(b"a")
    (inside / "models").symlink_to(outside)
    (inside / "a.yaml").symlink_to(outside / "a.yaml")
    for name in ("models/m.yaml", "models/deep/m.yaml"):
        with pytest.raises(Refused, match="leads out of"):
            write(inside, FileChange(name, None, b"x"))
    with pytest.raises(Conflict):
        write(inside, FileChange("a.yaml", b"a", b"x"))
    with pytest.raises(Conflict):
        write(inside, FileChange("a.yaml", None, b"x"))
    assert names(outside) == ["a.yaml"]


def test_a_symlink_to_nowhere_is_no_way_out(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "models").symlink_to(tmp_path / "nowhere")
    with pytest.raises((InvalidInput, Refused)):
        write(inside, FileChange("models/m.yaml", None, b"x"))
    assert not (tmp_path / "nowhere").exists()


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file")
    with pytest.raises(InvalidInput, match=r"models/m\.yaml can't be written: "):
        write(tmp_path, FileChange("models/m.yaml", None, b"x"))


def test_what_another_process_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".routerctl-{os.getpid()}.new").write_bytes(b"half")
    write(tmp_path, FileChange("a.yaml", None, b"a"))
    assert names(tmp_path) == ["a.yaml"]


def test_what_comes_is_written_before_anything_goes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a")
    (tmp_path / "models").write_bytes(b"in the way")
    with pytest.raises(InvalidInput):
        write(tmp_path, FileChange("a.yaml", b"a", None), FileChange("models/m.yaml", None, b"m"))
    assert (tmp_path / "a.yaml").exists()
