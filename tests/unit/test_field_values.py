import pytest

from reconciler.field_values import milliseconds


@pytest.mark.parametrize(
    ("written", "value"),
    [("90s", 90_000), ("1m30s", 90_000), (90_000, 90_000), ("1h1m1s1ms", 3_661_001), (0, 0), ("0ms", 0)],
)
def test_a_duration_is_milliseconds_however_it_is_written(written: str | int, value: int) -> None:
    assert milliseconds(written) == value
