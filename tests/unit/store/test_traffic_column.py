import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.store.traffic_column import Head, Value, counted, packed, unpacked

numbers = st.integers(0, 300) | st.integers(-(2**70), 2**70)
names = st.integers(0, 2**32 - 1).map(lambda number: f"req-{number:08x}")
texts = st.text(max_size=3) | st.text("0123456789abcdefAB\n -", min_size=7, max_size=18)
COLUMNS = st.one_of(
    *(
        st.lists(values | unknown, min_size=1, max_size=600)
        for values in (numbers, names, texts, numbers | texts)
        for unknown in (values, st.none())
    )
)


def read(head: Head, data: bytes, count: int) -> list[Value]:
    values, rest = unpacked(json.loads(json.dumps(head)), data + b"more", count)
    assert rest == b"more"
    return values


@given(COLUMNS)
def test_what_is_packed_is_unpacked(values: Sequence[Value]) -> None:
    assert read(*packed(values), len(values)) == values
    assert read(*counted(values), len(values)) == values


@pytest.mark.parametrize(
    ("values", "kind", "width"),
    [
        (["a"] * 9, "same", 0),
        ([None] * 9, "same", 0),
        ([0, 255], "numbers", 1),
        ([1_790_000_000_000, 1_790_000_000_255], "numbers", 1),
        ([-1, 254], "numbers", 1),
        ([0, 256], "numbers", 2),
        ([0, 2**31], "numbers", 4),
        ([-(2**63), 2**63 - 1], "numbers", 8),
        ([0, None, 254], "some", 1),
        ([5, None, 2**62], "some", 8),
        (["p", "q", "p", "p"], "table", 1),
        ([None, "q", "p", "p", "p", "p"], "table", 1),
        ([2**64, 0, 0, 0], "table", 1),
        ([2**64, 0], "list", 0),
        (["a", "b", "c"], "list", 0),
        ([str(number) for number in range(257)] * 2, "list", 0),
        ([str(number) for number in range(256)] * 2, "table", 1),
    ],
)
def test_each_takes_few_bytes(values: Sequence[Value], kind: str, width: int) -> None:
    head, data = packed(values)
    assert (head[0], len(data)) == (kind, width * len(values))
    assert read(head, data, len(values)) == values


@pytest.mark.parametrize(
    ("values", "width"),
    [
        ([f"req-0123{number:08x}" for number in range(100)], 1),
        (["00000000", "ffffffff"], 4),
        (["req-12345678"], 1),
    ],
)
def test_names_that_are_counted_take_no_more_than_their_count(values: Sequence[Value], width: int) -> None:
    head, data = counted(values)
    assert (head[0], len(data)) == ("counted", width * len(values))
    assert read(head, data, len(values)) == values


@pytest.mark.parametrize(
    "values",
    [
        ["req-0000000A", "req-0000000B"],  # not as they would be written again
        ["req-00000001", "reg-00000002"],
        ["req-00000001", "req-000000002"],
        ["req-1234567\nreq-8", "req-"],
        ["req-0000 001", "req-00000002"],
        ["0000001", "0000002"],
        ["\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661", "00000000"],
    ],
)
def test_what_only_looks_counted_is_not(values: Sequence[Value]) -> None:
    head, data = counted(values)
    assert head[0] == "list"
    assert read(head, data, len(values)) == values


@pytest.mark.parametrize(
    "head",
    [None, 1, [], ["same"], ["odd", 1], ["odd", 1, "B", 0], ["numbers", None, "?", 0], ["numbers", None, "B", "x"],
     ["numbers", None, "Q", 0], ["table", ["a"], "B", 0], ["counted", "p"]],
)  # fmt: skip
def test_what_is_not_packed_so_is_refused(head: Head) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        unpacked(head, b"\x00\x07", 2)
