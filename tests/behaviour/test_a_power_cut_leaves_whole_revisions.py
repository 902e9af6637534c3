"""A power cut may lose the end of what was not synced. What is left of the log, cut anywhere, is a whole revision."""

import shutil
from pathlib import Path

from fakes.store import META, open_writer, provider, put

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
