import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.store import META, open_writer, provider, put, vault_ids

from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.records import StaleBase, VaultEntry
from reconciler.store.verify import verify

ONE = VaultEntry("v-1", "default/Provider/a/spec.config.apiKey", b"one", "f1", "key-1")
TWO = VaultEntry("v-2", "default/Provider/b/spec.config.apiKey", b"two", "f2", "key-1")
SEALED = provider("a", type="openai-compatible", config={"apiKey": {"sealed": "v-1"}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "store.db"
    with open_writer(made) as writer:
        writer.commit([put(SEALED)], base=0, meta=META, seals=[ONE, TWO])
    return made


def test_entries_are_rewritten_where_they_are_as_they_were(path: Path) -> None:
    new = [replace(entry, ciphertext=b"new", fingerprint="f3", key_id="key-2") for entry in (ONE, TWO)]
    stale = replace(TWO, ciphertext=b"older")
    with open_writer(path) as writer:
        assert writer.rewrite_seals([(ONE, new[0]), (stale, new[1])]) == 1
    with Reader(path) as reader:
        assert reader.vault_entries() == (new[0], TWO)
        assert reader.head() == 1
        assert [row.operation for row in audit.rows(reader)] == ["apply", "secret rotate-key"]
        assert not verify(reader)


def test_an_entry_keeps_its_id_and_its_place(path: Path) -> None:
    with open_writer(path) as writer:
        for other in (replace(ONE, id="v-9"), replace(ONE, place="elsewhere")):
            with pytest.raises(ValueError, match="keeps its id"):
                writer.rewrite_seals([(TWO, TWO), (ONE, other)])
    assert vault_ids(path) == ["v-1", "v-2"]


def test_what_a_revision_names_has_to_be_there(path: Path) -> None:
    with open_writer(path) as writer:
        renamed = put(replace(SEALED, labels={"a": "b"}))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM vault WHERE id = 'v-1'")
        with pytest.raises(StaleBase):
            writer.commit([renamed], base=1, meta=META)
        assert writer.commit([put(provider("other"))], base=1, meta=META).number == 2
