import pytest

from reconciler.store.checksums import UNSIGNED, checksum, row_checksum, with_checksum
from reconciler.store.tables import StoreTable

META = {"key": "claims", "value": "1"}


def test_a_checksum_is_part_of_the_stored_form() -> None:
    assert checksum("meta", "claims", "1") == (
        "sha256:6b7853abb41d5ee00ab1aab0a8f774bfee04d7ffdf4b7dcb15cb35cc4b56e776"
    )
    assert with_checksum("meta", META) == {**META, "checksum": checksum("meta", "claims", "1")}


def test_it_tells_apart_what_only_looks_the_same() -> None:
    values = [None, "", "1", 1, b"1", b"\x31\x31"]
    assert len({checksum("meta", value) for value in values}) == len(values)
    assert checksum("meta", "a", "b") != checksum("hold", "a", "b")
    assert checksum("meta", "ab", "") != checksum("meta", "a", "b")


def test_a_value_that_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="value holds no float"):
        row_checksum("meta", {**META, "value": 1.5})


def test_every_table_that_has_a_checksum_is_listed_with_columns_that_it_has() -> None:
    tables = StoreTable.metadata.tables
    assert set(UNSIGNED) == {name for name, table in tables.items() if "checksum" in table.columns}
    for name, columns in UNSIGNED.items():
        assert set(columns) <= set(tables[name].columns.keys())
