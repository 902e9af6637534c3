from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.store.calendar_windows import LENGTHS, window_of


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("name", "at", "begin", "end"),
    [
        ("hour", "2026-11-22T13:59:59", "2026-11-22T13:00:00", "2026-11-22T14:00:00"),
        ("hour", "2026-11-22T14:00:00", "2026-11-22T14:00:00", "2026-11-22T15:00:00"),
        ("day", "2026-12-31T23:59:59", "2026-12-31T00:00:00", "2027-01-01T00:00:00"),
        ("week", "2026-11-22T13:00:00", "2026-11-16T00:00:00", "2026-11-23T00:00:00"),
        ("week", "2026-11-23T00:00:00", "2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("month", "2026-12-31T23:59:59", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("month", "2028-02-29T12:00:00", "2028-02-01T00:00:00", "2028-03-01T00:00:00"),
    ],
)
def test_a_moment_lies_in_a_window_of_utc(name: str, at: str, begin: str, end: str) -> None:
    assert window_of(name, moment(at)) == (moment(begin), moment(end))


@given(st.floats(0, 4e9), st.sampled_from(sorted(LENGTHS)))
def test_windows_follow_each_other_without_a_gap(at: float, name: str) -> None:
    begin, end = window_of(name, at)
    assert begin <= at < end
    assert end - begin <= LENGTHS[name]
    assert window_of(name, end)[0] == end
    assert window_of(name, begin) == (begin, end)
