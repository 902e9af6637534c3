from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.routing.sliding_count import SLOTS, SlidingCount


def test_what_is_older_than_the_window_does_not_count() -> None:
    count = SlidingCount(10)
    for now in (0.0, 0.5, 5.0):
        count.add(now)
    assert (count.total(5.0), count.total(9.9)) == (3, 3)
    assert count.total(10.0) == 1
    assert count.total(15.0) == 0
    count.add(100.0)
    assert count.total(100.0) == 1


@given(st.lists(st.floats(0, 100), max_size=60))
def test_it_is_the_true_number_but_for_a_slot(moments: list[float]) -> None:
    window, count = 10.0, SlidingCount(10.0)
    moments.sort()
    for at, now in enumerate(moments):
        count.add(now)
        seen = moments[: at + 1]
        surely = sum(each > now - window + window / SLOTS for each in seen)
        assert surely <= count.total(now) <= sum(each >= now - window for each in seen)
