import os
from pathlib import Path

import pytest

from reconciler.errors import SecretError
from reconciler.secrets.files import NotRegularError, check_private, read_regular


def test_status_and_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    path.chmod(0o640)
    status, content = read_regular(path, limit=5, follow=True)
    assert (status.st_mode & 0o777, status.st_uid) == (0o640, os.geteuid())
    assert content == b"12345"


def test_one_byte_over_the_limit_shows_that_there_is_more(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1234567")
    assert read_regular(tmp_path / "x", limit=5, follow=True)[1] == b"123456"


def test_links_are_followed_on_request(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "link").symlink_to("x")
    assert read_regular(tmp_path / "link", limit=5, follow=True)[1] == b"1"
    with pytest.raises(OSError, match="symbolic links"):
        read_regular(tmp_path / "link", limit=5, follow=False)


def test_what_is_no_file_is_refused_and_closed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  pathlib would hold it open while counting
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(NotRegularError):
            read_regular(path, limit=5, follow=True)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208  as above


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_of_a_key_is_open_to_nobody_else(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    check_private(path.stat(), path)
    path.chmod(mode)
    with pytest.raises(SecretError, match="open to other users") as caught:
        check_private(path.stat(), path)
    assert caught.value.hint == f"chmod 600 {path}"
