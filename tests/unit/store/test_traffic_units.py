from hypothesis import given
from hypothesis import strategies as st

from reconciler.store.traffic_units import dollars, units


@given(st.integers(0, 10**24))
def test_what_is_told_is_read(amount: int) -> None:
    assert units(dollars(amount)) == amount


def test_as_people_read_it() -> None:
    told = [dollars(amount) for amount in (0, 1, 10**15, 15 * 10**14, 123 * 10**9)]
    assert told == ["0", "0.000000000000001", "1", "1.5", "0.000123"]
