import pytest

from reconciler.management.problems import TooMany
from reconciler.management.upkeep.turns import Turns


def test_so_many_at_once_and_no_more() -> None:
    turns = Turns(2)
    turns.enter()
    with turns.one(), pytest.raises(TooMany, match="2 such requests are under way"):
        turns.enter()
    turns.enter()
    turns.leave()
    with pytest.raises(ZeroDivisionError), turns.one():
        raise ZeroDivisionError
    turns.enter()
