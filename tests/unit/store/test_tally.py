import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.store import tally as tally_module
from reconciler.store.tally import Labels, Tally, abandoned, read_tally, tally_path


def words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, sys.byteorder, signed=True) for number in numbers)


COUNTING = """
import os, signal, sys
from pathlib import Path
from reconciler.store.tally import Tally
tally = Tally(Path(sys.argv[1]))
for _ in range(1000):
    tally.cells(("requests", "chat"), 1)[0] += 1
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tally_path(tmp_path / "store-records.db", "w-1")


@pytest.fixture
def tally(path: Path) -> Iterator[Tally]:
    made = Tally(path)
    yield made
    made.close(remove=False)


def test_what_is_added_is_in_the_file_at_once(tally: Tally, path: Path) -> None:
    tally.cells(("requests", "chat", "müller"), 1)[0] += 1
    tally.cells(("requests", "chat", "müller"), 1)[0] += 2
    block = tally.cells(("tokens",), 3)
    block[1] += 2**40
    block[2] -= 1
    counted = {("requests", "chat", "müller"): [3], ("tokens",): [0, 2**40, -1]}
    assert tally.counts() == counted
    assert read_tally(path) == counted
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_outlives_a_kill(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", COUNTING, str(path)], check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert read_tally(path) == {("requests", "chat"): [1000]}


def test_it_grows_and_cells_stay_where_they_are(tally: Tally, path: Path) -> None:
    first = tally.cells(("all",), 1)
    counted: dict[Labels, list[int]] = {("model", "m" * 200, str(number)): [number] for number in range(3000)}
    for labels, (number,) in counted.items():
        tally.cells(labels, 1)[0] += number
        first[0] += 1
    assert tally.counts() == {**counted, ("all",): [3000]}
    assert read_tally(path) == tally.counts()
    assert path.stat().st_blocks * 512 < path.stat().st_size  # the rest is a hole


def test_on_a_full_disk_what_is_new_is_counted_in_memory(
    tally: Tally, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally.cells(("old",), 1)[0] += 1

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for number in range(3000):
        tally.cells(("model", "m" * 200, str(number)), 1)[0] += 1
        tally.cells(("old",), 1)[0] += 1
    tally.cells(("model", "m" * 200, "2999"), 1)[0] += 1
    assert tally.counts()["model", "m" * 200, "2999"] == [2]
    assert len(tally.counts()) == 3001
    assert read_tally(path)["old",] == [3001]
    assert 0 < len(read_tally(path)) < 3001


def test_it_does_not_grow_without_end(tally: Tally, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "_LONGEST", 256 * 1024)
    for number in range(10):
        tally.cells(("block", str(number)), 5000)[4999] += 1
    assert all(sum(cells) == 1 for cells in tally.counts().values())
    assert 0 < len(read_tally(path)) < 10


def test_one_that_can_not_be_made_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left"):
        Tally(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        b"another!" + b"\1" * 100,
        b"rcttlly2" + b"\xff" * 100,
        b"rcttlly2" + (2**40).to_bytes(8, sys.byteorder) + b"\0" * 16,
        b"rcttlly2" + words(48, 8, 0) + b"no JSON!",
        b"rcttlly2" + words(48, 4, 0) + b"[[]]    ",
        b"rcttlly2" + words(48, 4, 2**60) + b'["a"]   ',
        b"rcttlly2" + words(48, 4, -1) + b'["a"]   ',
    ],
)
def test_what_is_no_tally_counts_nothing(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert read_tally(path) == {}


def test_only_the_dead_abandon_theirs(tmp_path: Path) -> None:
    records = tmp_path / "store-records.db"
    living, dead = Tally(tally_path(records, "a")), Tally(tally_path(records, "b"))
    dead.close(remove=False)
    Tally(tally_path(tmp_path / "other-records.db", "c")).close(remove=False)
    assert abandoned(records) == {"b": tally_path(records, "b")}
    living.close(remove=True)
    assert abandoned(records) == {"b": tally_path(records, "b")}
    assert read_tally(tally_path(records, "a")) == {}
