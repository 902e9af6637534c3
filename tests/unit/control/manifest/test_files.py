import io
import os
import socket
from pathlib import Path
from threading import Thread

import pytest
from fakes.waiting import joined

from reconciler.control.manifest import files
from reconciler.control.manifest.document import Problem
from reconciler.control.manifest.files import Source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "manifests"
    path.mkdir()
    return path


def write(path: Path, text: str = "a: 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(*paths: Path | str) -> list[str]:
    found = list(files.read([str(path) for path in paths], None))
    assert all(isinstance(each, Source) for each in found), found
    return [each.name for each in found if isinstance(each, Source)]


def complaint(*paths: Path | str) -> str:
    (problem,) = [
        each for each in files.read([str(path) for path in paths], None) if isinstance(each, Problem)
    ]
    return str(problem)


def test_a_folder_stands_for_the_manifests_below_it(folder: Path) -> None:
    for name in ["b.yaml", "a/z.yml", "a.json", "a/b/c.yaml", "B.yaml", "notes.txt", "a/x.yaml.bak"]:
        write(folder / name)
    expected = ["B.yaml", "a/b/c.yaml", "a/z.yml", "a.json", "b.yaml"]
    assert names(folder) == [str(folder / name) for name in expected]


def test_hidden_names_and_settings_are_skipped(folder: Path) -> None:
    for name in [".hidden.yaml", ".git/x.yaml", "routerctl.yaml", "kustomization.yaml", "sub/routerctl.yaml"]:
        write(folder / name)
    assert names(folder) == []


def test_a_named_file_is_read_whatever_its_name(folder: Path) -> None:
    paths = [write(folder / name) for name in ["x.txt", ".hidden", "routerctl.yaml"]]
    assert names(*paths) == [str(path) for path in paths]


def test_names_are_shown_as_they_were_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.yaml")
    monkeypatch.chdir(folder.parent)
    assert names("./manifests") == ["./manifests/a.yaml"]
    assert names("manifests/../manifests/a.yaml") == ["manifests/../manifests/a.yaml"]


def test_a_file_is_read_once_whatever_leads_to_it(folder: Path) -> None:
    write(folder / "a.yaml")
    (folder / "b.yaml").symlink_to("a.yaml")
    (folder / "loop").symlink_to(".")
    assert names(folder, folder / "a.yaml", folder) == [str(folder / "a.yaml")]


def test_a_mounted_volume_is_read_through_its_links(folder: Path) -> None:
    """Kubernetes mounts a ConfigMap as links to a hidden folder."""
    write(folder / "..2026/a.yaml")
    (folder / "..data").symlink_to("..2026")
    (folder / "a.yaml").symlink_to("..data/a.yaml")
    assert names(folder) == [str(folder / "a.yaml")]


@pytest.mark.parametrize("target", ["../outside.yaml", "../outside", "/etc/passwd"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, target: str) -> None:
    write(folder.parent / "outside.yaml", "secret: canary")
    write(folder.parent / "outside/x.yaml", "secret: canary")
    (folder / "link.yaml").symlink_to(target)
    assert complaint(folder) == (
        f"{folder}/link.yaml: error: leads out of the folder that was given; name its target as well, or copy it"
    )


def test_a_folder_may_itself_be_given_through_a_link(folder: Path) -> None:
    write(folder / "a.yaml")
    link = folder.parent / "current"
    link.symlink_to(folder)
    assert names(link) == [str(link / "a.yaml")]


def test_pipes_in_a_folder_are_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert "is a pipe, socket or device, not a file; pipe the text into `-f -`" in complaint(folder)


def test_sockets_and_devices_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.yaml")
        assert "is a pipe, socket or device" in complaint("s.yaml")


def test_a_pipe_that_is_named_is_read_to_its_end(folder: Path) -> None:
    """As a shell names it for <(command): the name of a descriptor."""
    reading, writing = os.pipe()
    try:
        os.write(writing, b"a: 1\n")
        os.close(writing)
        name = f"/dev/fd/{reading}"
        assert files.is_stream(name)
        assert list(files.read([name, name], None)) == [Source(name, b"a: 1\n")]
    finally:
        os.close(reading)


def test_a_named_pipe_is_waited_for(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=("a: 1\n",), daemon=True)
    writer.start()
    assert list(files.read([str(pipe)], None)) == [Source(str(pipe), b"a: 1\n")]
    joined(writer)


def test_a_device_without_end_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1024 * 1024)
    assert complaint("/dev/zero") == "/dev/zero: error: larger than 1 MiB; split it into several files"
    assert names("/dev/null") == ["/dev/null"]


def test_what_is_read_once() -> None:
    assert [files.is_stream(path) for path in ["-", "/dev/null", "/dev/fd/999", ".", "nul\0"]] == [
        True, True, False, False, False
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.yaml", "no such file or folder"),
        ("a.yaml/below", "can't be read: not a directory"),
        ("nul\0.yaml", "can't be read: not a usable path"),
        ("x" * 300, "can't be read: file name too long"),
        ("loop.yaml", "can't be read: too many levels of symbolic links"),
    ],
)
def test_what_can_not_be_reached(folder: Path, name: str, message: str) -> None:
    write(folder / "a.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert complaint(f"{folder}/{name}").endswith(f"error: {message}")


def test_a_dangling_link_in_a_folder_is_an_error(folder: Path) -> None:
    (folder / "x.yaml").symlink_to("gone.yaml")
    assert complaint(folder) == f"{folder}/x.yaml: error: no such file or folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(folder: Path) -> None:
    write(folder / "a.yaml").chmod(0)
    assert complaint(folder) == f"{folder}/a.yaml: error: no permission to read it"
    folder.chmod(0)
    assert complaint(folder) == f"{folder}: error: no permission to read it"
    folder.chmod(0o700)


def test_errors_of_one_file_hide_no_other(folder: Path) -> None:
    (folder / "a.yaml").symlink_to("gone")
    write(folder / "b.yaml")
    assert [type(each) for each in files.read([str(folder), "gone"], None)] == [Problem, Source, Problem]


def test_stdin_is_read_once() -> None:
    assert list(files.read(["-", "-"], io.BytesIO(b"a: 1"))) == [Source("stdin", b"a: 1")]


def test_without_stdin() -> None:
    assert complaint("-") == "-: error: there is no standard input"


def test_a_closed_stdin() -> None:
    stream = io.BytesIO()
    stream.close()
    (problem,) = files.read(["-"], stream)
    assert str(problem) == "-: error: standard input can't be read"


def test_large_files_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1024 * 1024)
    write(folder / "a.yaml", "x" * (1024 * 1024 + 1))
    assert complaint(folder) == f"{folder}/a.yaml: error: larger than 1 MiB; split it into several files"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_ENTRIES", "more than 3 entries in the folders"),
        ("MAX_FILES", "more than 3 manifest files"),
        ("MAX_TOTAL_BYTES", "the files add up to more than 0 MiB"),
    ],
)
def test_the_whole_is_bounded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, message: str
) -> None:
    for number in range(5):
        write(folder / f"{number}.yaml")
    monkeypatch.setattr(files, limit, 3)
    found = list(files.read([str(folder), "gone"], None))
    assert str(found[-1]) == f"{folder}: error: {message}; name a smaller folder"


def test_a_file_that_changes_while_it_is_read_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.yaml", "a: 1\n")
    real_fstat, calls = os.fstat, 0

    def fstat(descriptor: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        if calls == 2:  # after the first reading, before it is found good
            path.write_text("a: changed\n")
        return real_fstat(descriptor)

    monkeypatch.setattr(os, "fstat", fstat)
    assert list(files.read([str(path)], None)) == [Source(str(path), b"a: changed\n")]
    assert calls == 4


def test_a_file_that_never_rests_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.yaml")
    real_fstat = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        path.write_text(path.read_text() + "x")
        return real_fstat(descriptor)

    monkeypatch.setattr(os, "fstat", fstat)
    assert complaint(path) == f"{path}: error: changed while it was read; try again"


def test_a_file_that_becomes_a_pipe_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.yaml")
    real_open = os.open

    def swapped_open(name: str, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", swapped_open)
    assert "is a pipe, socket or device" in complaint(path)


def test_a_file_that_grows_beyond_the_limit_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.yaml")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1024)
    real_open = os.open

    def growing_open(name: str, flags: int) -> int:
        path.write_text("x" * 5000)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", growing_open)
    assert "larger than" in complaint(path)


def test_a_file_that_vanishes_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "a.yaml")
    real_open = os.open

    def late_open(name: str, flags: int) -> int:
        path.unlink(missing_ok=True)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", late_open)
    assert complaint(path).endswith("no such file or folder")


def test_one_file_is_read_and_what_is_none_is_a_problem(folder: Path) -> None:
    write(folder / "a.txt")
    assert files.read_file(str(folder / "a.txt")) == Source(str(folder / "a.txt"), b"a: 1\n")
    os.mkfifo(folder / "pipe")
    for name in ("pipe", "none", "."):
        assert isinstance(files.read_file(str(folder / name)), Problem)
