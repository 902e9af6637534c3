from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.routing.shares import SAVED, Shares


def test_one_request_in_so_many_exactly() -> None:
    shares, taken = Shares(), []
    for _ in range(1000):
        shares.earn("r", 3)
        taken.append(shares.take("r"))
    assert sum(taken) == 30
    assert taken.index(True) == 33


def test_all_of_a_hundred_percent() -> None:
    shares = Shares()
    for _ in range(SAVED * 2):
        shares.earn("r", 100)
        assert shares.take("r")


def test_names_have_shares_of_their_own() -> None:
    shares = Shares()
    shares.earn("r", 100)
    assert not shares.take("other")
    assert shares.take("r")
    assert not shares.take("r")


def test_what_is_saved_is_bounded() -> None:
    shares = Shares()
    for _ in range(10 * SAVED):
        shares.earn("r", 100)
    assert sum(shares.take("r") for _ in range(10 * SAVED)) == SAVED


def test_names_are_bounded() -> None:
    shares = Shares()
    for number in range(10_001):
        shares.earn(str(number), 100)
    assert not shares.take("0")
    assert shares.take("10000")


@given(st.integers(1, 100), st.lists(st.booleans(), max_size=300))
def test_never_more_than_the_share_of_those_that_began(percent: int, wishes: list[bool]) -> None:
    shares, taken = Shares(), 0
    for number, wish in enumerate(wishes, 1):
        shares.earn("r", percent)
        taken += wish and shares.take("r")
        assert taken * 100 <= number * percent
