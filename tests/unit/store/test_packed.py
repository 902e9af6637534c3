import sqlite3
import zlib
from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store.packed import packed_texts
from reconciler.store.traffic_batch import RequestRow, encoded


def test_compressed_values_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    columns = {name: [f"{name}-{n}" for n in range(50)] for name in RequestRow._fields}
    connection.execute('CREATE TABLE "odd""name" (a, b)')
    connection.executemany(
        'INSERT INTO "odd""name" VALUES (?, ?)',
        [
            (1, encoded(columns) * 2),
            ("z", b"zz"),
            (b"former", b"z" + zlib.compress(b"text")),
            (None, b"plain"),
            (b"cut", encoded(columns) + encoded(columns)[:9]),
        ],
    )
    connection.commit()
    connection.close()
    text, former, cut = packed_texts(path)
    assert text.count(b'"trace-49"') == 2
    assert former == b"text"
    assert cut.count(b'"trace-49"') == 1, "what stands before the damage"


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("no database at all, though it has some length")
    with pytest.raises(StoreError):
        list(packed_texts(tmp_path / "a.db"))
