from datetime import UTC, datetime

import pytest

from reconciler.field_values import milliseconds, moment


@pytest.mark.parametrize(
    ("written", "value"),
    [("90s", 90_000), ("1m30s", 90_000), (90_000, 90_000), ("1h1m1s1ms", 3_661_001), (0, 0), ("0ms", 0)],
)
def test_a_duration_is_milliseconds_however_it_is_written(written: str | int, value: int) -> None:
    assert milliseconds(written) == value


def test_a_moment_is_rfc_3339_with_its_offset() -> None:
    assert moment("2026-11-22T01:00:00+01:00") == datetime(2026, 11, 22, tzinfo=UTC)
    for none in ("2026-11-22T00:00:00", "soon", 5, None):
        assert moment(none) is None
