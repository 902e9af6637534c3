import json
import zlib

import pytest
from fakes.traffic import columns, row
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import StoreError
from reconciler.store.traffic_batch import RequestRow, decoded, encoded, joined

texts = st.none() | st.text(max_size=5)
numbers = st.none() | st.integers(-(2**62), 2**62)


@given(st.lists(st.builds(row, model=texts, tokens_in=numbers, session=texts), min_size=1, max_size=40))
def test_what_is_encoded_is_decoded(rows: list[RequestRow]) -> None:
    told = columns(*rows)
    assert decoded(encoded(told), len(rows)) == told


def test_equal_values_are_written_once_and_long_batches_compressed() -> None:
    many = [row(id=f"req-{number}") for number in range(1000)]
    data = encoded(columns(*many))
    assert len(data) < 10_000
    assert data[:1] == b"z"
    assert encoded({"time": [1, 1], "id": ["a", "b"]}) == b'j{"time":1,"id":["a","b"]}'


def test_a_column_that_an_older_version_did_not_write_is_empty() -> None:
    older = decoded(b'j{"id":["a","b"]}', 2)
    assert older["trace"] == older["finish_reason"] == [None, None]
    newer = columns(row(id="c", finish_reason="stop"))
    assert joined([older, newer])["finish_reason"] == [None, None, "stop"]


@pytest.mark.parametrize(
    "data",
    [b"", b"j[1]", b"jnonsense", b"znonsense", b"z" + zlib.compress(b"\xff"), b'j{"id":["a"]}', b"\x00"],
)
def test_what_is_damaged_is_said(data: bytes) -> None:
    with pytest.raises(StoreError, match="are damaged"):
        decoded(data, 2)


def test_batches_are_joined_in_their_order() -> None:
    both = joined([columns(row(id="a"), row(id="b")), columns(row(id="c"))])
    assert both["id"] == ["a", "b", "c"]
    assert json.dumps(both)  # lists throughout
