"""A power cut may lose any of what was not synced, in any order. What is left is whole, and no revision that was told of is lost.

ROUTERCTL_TEST_POWER_CUTS sets how often it is tried.
"""

import random
import shutil
import sqlite3
from bisect import bisect_right
from contextlib import closing
from pathlib import Path

import pytest
from fakes.disk import wrapped_disk
from fakes.power import Log
from fakes.store import META, open_writer, provider, put
from sizes import seed, size

from reconciler.store.compaction import Keep, compact
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

_COMMITS = 6
_CUTS = 60


def test_a_log_cut_anywhere_leaves_a_whole_revision(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_writer(path) as writer:
        writer.commit([put(provider("a", value=1))], base=0, meta=META)
    log = tmp_path / "store.db-wal"
    with open_writer(path) as writer, Reader(path):
        for number in range(2, _COMMITS + 1):
            edits = [put(provider(name, value=number)) for name in "abcdefgh"]
            writer.commit(edits, base=number - 1, meta=META)
        heads = [
            _head_after_a_cut(path, log, cut)
            for cut in range(0, log.stat().st_size, log.stat().st_size // _CUTS)
        ]
        whole = _head_after_a_cut(path, log, log.stat().st_size)
    assert heads == sorted(heads)
    assert set(heads) == set(range(1, _COMMITS))
    assert whole == _COMMITS


@pytest.mark.torture
def test_what_was_committed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "store" / "store.db"
    chance = random.Random(seed("power"))
    with wrapped_disk().recorded() as log:
        told = _some_revisions(path, log)
    asked = sorted(chance.randrange(told[0], len(log.steps) + 1) for _ in range(size("POWER_CUTS")))
    heads = set()
    for position, left in log.left_by_cuts(asked, chance):
        folder = tmp_path / "left"
        folder.mkdir()
        for file, content in left.items():
            (folder / file.name).write_bytes(content)
        heads.add(_head_of_whole_store(folder / path.name, at_least=bisect_right(told, position)))
        shutil.rmtree(folder)
    assert max(heads) > _COMMITS


def _some_revisions(path: Path, log: Log) -> list[int]:
    """How many steps had been taken when each revision was told of. Logs are written back in between, and old ones removed."""
    told = []
    for number in range(1, 3 * _COMMITS, 2):
        with open_writer(path) as writer:
            for each in (number, number + 1):
                edits = [put(provider(name, value=each)) for name in "abcdefgh"]
                writer.commit(edits, base=each - 1, meta=META)
                told.append(len(log.steps))
        if number % 3 == 0:
            compact(path, Keep(revisions=2))
    return told


def _head_of_whole_store(path: Path, *, at_least: int) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Reader(path) as reader:
        head = reader.head()
        assert head - at_least in (0, 1)
        assert {each.resource.spec["value"] for each in reader.state().values()} == {head}
        assert verify(reader) == []
    return head


def _head_after_a_cut(path: Path, log: Path, cut: int) -> int:
    folder = path.parent / f"cut-{cut}"
    folder.mkdir()
    shutil.copy(path, folder)
    (folder / log.name).write_bytes(log.read_bytes()[:cut])
    with Reader(folder / path.name) as reader:
        head = reader.head()
        assert {each.resource.spec["value"] for each in reader.state().values()} == {head}
        assert verify(reader) == []
    return head
