import json
import zlib

import pytest
from fakes.traffic import NOW, columns, row
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import StoreError
from reconciler.store.traffic_batch import UNITS, RequestRow, decoded, encoded, joined

GOOD = encoded(columns(row(id="a"), row(id="b", time=NOW + 1)))
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
    once = encoded(columns(*many[:1]))
    assert len(data) < len(once) + 10_000 // 2


def test_pieces_stand_one_after_the_other() -> None:
    first, second = columns(row(id="a"), row(id="b", model=None)), columns(row(id="c"))
    assert decoded(encoded(first) + encoded(second), 3) == joined([first, second])


def test_costs_may_be_told_as_numbers() -> None:
    told = {**columns(row(), row(), row()), UNITS: [0, 1_500_000_000_000_000, None]}
    del told["cost"]
    assert decoded(encoded(told), 3) == {**columns(row(), row(), row()), "cost": ["0", "1.5", None]}


@pytest.mark.parametrize("flag", [b"j", b"z"])
def test_batches_of_former_versions_are_read(flag: bytes) -> None:
    told = columns(row(id="a"), row(id="b"))
    text = json.dumps({name: each[0] if len({*each}) == 1 else each for name, each in told.items()}).encode()
    assert decoded(flag + (zlib.compress(text) if flag == b"z" else text), 2) == told


def test_a_column_that_an_older_version_did_not_write_is_empty() -> None:
    older = decoded(b'j{"id":["a","b"]}', 2)
    assert older["trace"] == older["finish_reason"] == [None, None]
    newer = columns(row(id="c", finish_reason="stop"))
    assert joined([older, newer])["finish_reason"] == [None, None, "stop"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"j[1]",
        b"jnonsense",
        b"znonsense",
        b"z" + zlib.compress(b"\xff"),
        b'j{"id":["a"]}',
        b"\x00",
        b"p",
        GOOD[:-1],
        GOOD[:40],
        GOOD + b"p",
        GOOD + GOOD,
        GOOD + GOOD[1:],
        GOOD.replace(b"p", b"q", 1),
        *(GOOD[:place] + b"\xff" + GOOD[place + 1 :] for place in range(13)),
    ],
)
def test_what_is_damaged_is_said(data: bytes) -> None:
    with pytest.raises(StoreError, match="are damaged"):
        decoded(data, 2)


def test_batches_are_joined_in_their_order() -> None:
    both = joined([columns(row(id="a"), row(id="b")), columns(row(id="c"))])
    assert both["id"] == ["a", "b", "c"]
    assert json.dumps(both)  # lists throughout
