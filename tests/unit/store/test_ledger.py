import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.limits import Time

from reconciler.errors import StoreError
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger, Usage, counted_since, usage

SLOTS = Counter("p maxConcurrent", 4)
MINUTE = Counter("p requestsPerMinute", 10, 60.0)
DAY = Counter("key day", 10, 86_400.0, calendar=True)


class Stand:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.time = Time()
        self.ledgers: dict[str, Ledger] = {}

    def ledger(self, holder: str) -> Ledger:
        if holder not in self.ledgers:
            self.ledgers[holder] = Ledger(self.path, holder, self.time)
        return self.ledgers[holder]

    def units(self, holder: str, wish: Wish) -> int:
        (grant,) = self.ledger(holder).exchange([wish])
        return grant.units

    def usage(self, counter: Counter) -> Usage:
        return usage(self.path, [counter], self.time)[counter.key]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "s-records.db")
    yield made
    for ledger in made.ledgers.values():
        ledger.close()


def test_slots_move_between_holders(stand: Stand) -> None:
    assert stand.units("a", Wish(SLOTS, wanted=4)) == 4
    assert stand.units("b", Wish(SLOTS, wanted=2)) == 0
    assert stand.ledger("a").wanted() == {SLOTS.key: 2}
    assert stand.units("a", Wish(SLOTS, held=4, used=1)) == 1
    assert stand.units("b", Wish(SLOTS, wanted=2)) == 2
    assert stand.ledger("a").wanted() == {}
    assert stand.usage(SLOTS) == Usage(held=3, used=1)


def test_slots_of_a_dead_holder_are_free_after_three_seconds(stand: Stand) -> None:
    stand.units("a", Wish(SLOTS, wanted=4))
    stand.time.at += 2.9
    assert stand.units("b", Wish(SLOTS, wanted=4)) == 0
    stand.time.at += 0.2
    assert stand.units("b", Wish(SLOTS, wanted=4)) == 4


def test_units_of_a_dead_holder_count_as_spent_when_its_lease_ended(stand: Stand) -> None:
    stand.units("a", Wish(MINUTE, wanted=10))
    for passed, units in ((3.1, 0), (59.0, 0), (1.5, 10)):
        stand.time.at += passed
        assert stand.units("b", Wish(MINUTE, wanted=10)) == units


def test_what_is_spent_comes_back_a_minute_later(stand: Stand) -> None:
    stand.units("a", Wish(MINUTE, wanted=10))
    stand.units("a", Wish(MINUTE, held=10, spent=10))
    assert stand.usage(MINUTE).spent == 10
    (grant,) = stand.ledger("b").exchange([Wish(MINUTE, wanted=4)])
    assert grant.lacking == 4
    assert grant.ready_in is not None
    assert 60.0 < grant.ready_in <= 60.5
    stand.time.at += 60.5
    assert stand.units("b", Wish(MINUTE, wanted=4)) == 4
    assert stand.usage(MINUTE).spent == 0


def test_a_refund_is_free_at_once_and_what_is_left_lapses_last(stand: Stand) -> None:
    stand.units("a", Wish(MINUTE, wanted=10))
    stand.units("a", Wish(MINUTE, held=10, spent=4, keep=6))
    stand.time.at += 1
    stand.units("a", Wish(MINUTE, held=6, spent=6))
    stand.time.at += 1
    assert stand.units("a", Wish(MINUTE, refunded=5, wanted=9)) == 5
    assert stand.usage(MINUTE).spent == 5
    stand.time.at += 58.6
    assert stand.usage(MINUTE).spent == 5
    assert stand.units("a", Wish(MINUTE, refunded=50)) == 0
    assert stand.usage(MINUTE).spent == 0


def test_a_machine_that_started_anew_keeps_to_the_limit_and_goes_on(stand: Stand) -> None:
    stand.units("a", Wish(MINUTE, wanted=10))
    stand.units("a", Wish(MINUTE, held=10, spent=5, keep=5))
    stand.units("a", Wish(SLOTS, wanted=4))
    stand.time.at = 5.0
    assert stand.units("b", Wish(MINUTE, wanted=9)) == 0
    assert stand.units("b", Wish(SLOTS, wanted=1)) == 0
    stand.time.at += 3.1
    assert stand.units("b", Wish(SLOTS, wanted=1)) == 1
    stand.time.at += 61
    assert stand.units("b", Wish(MINUTE, wanted=9)) == 9


def test_a_calendar_counter_goes_by_the_wall_clock(stand: Stand) -> None:
    stand.units("a", Wish(DAY, wanted=10))
    stand.units("a", Wish(DAY, held=10, spent=10))
    assert stand.units("a", Wish(DAY, wanted=1)) == 0
    stand.time.at += 86_400 + 720
    assert stand.units("a", Wish(DAY, wanted=1)) == 1


def test_it_moves_when_others_write(stand: Stand) -> None:
    one, other = stand.ledger("a"), stand.ledger("b")
    one.exchange([Wish(SLOTS, wanted=1)])
    assert one.moved()
    assert not one.moved()
    one.exchange([Wish(SLOTS, wanted=1)])
    assert not one.moved()
    other.exchange([Wish(SLOTS, wanted=1)])
    assert one.moved()


def test_what_can_not_count_any_more_is_dropped(stand: Stand) -> None:
    stand.units("a", Wish(MINUTE, wanted=10))
    stand.units("a", Wish(MINUTE, held=10, spent=5, keep=5))
    stand.units("a", Wish(DAY, wanted=10))
    stand.units("a", Wish(DAY, held=10, spent=5))
    stand.time.at += 4_000_000
    stand.ledger("a").tidy()
    with sqlite3.connect(stand.path) as connection:
        assert connection.execute("SELECT count(*) FROM spent").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)


def test_nothing_is_used_where_there_is_no_file(tmp_path: Path) -> None:
    assert usage(tmp_path / "none.db", [SLOTS], Time()) == {SLOTS.key: Usage()}


def test_a_file_that_is_no_database_is_told_in_words_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "s-records.db"
    path.write_bytes(b"no database, but long enough to be taken for one" * 100)
    ledger = Ledger(path, "a", Time())
    with pytest.raises(StoreError, match="damaged"):
        ledger.exchange([Wish(SLOTS, wanted=1)])
    path.unlink()
    assert ledger.exchange([Wish(SLOTS, wanted=1)])[0].units == 1
    ledger.close()


def test_an_exchange_that_fails_changes_nothing(stand: Stand) -> None:
    stand.units("a", Wish(SLOTS, wanted=1))
    odd = Counter("odd", 5, "x")  # type: ignore[arg-type]  # what can't be reckoned with
    with pytest.raises(StoreError):
        stand.ledger("a").exchange([Wish(SLOTS, used=1, wanted=3), Wish(odd, wanted=1)])
    assert stand.usage(SLOTS) == Usage(held=1)


MONTH = Counter("key month", 10, 31 * 86_400.0, calendar=True, aligned="month")
NEW_YEAR = 1_798_761_600.0


def test_a_budget_begins_anew_with_its_window_and_not_before(stand: Stand) -> None:
    stand.time.began = NEW_YEAR - 2.0 - stand.time.at
    stand.units("a", Wish(MONTH, wanted=7))
    (grant,) = stand.ledger("a").exchange([Wish(MONTH, held=7, spent=7)])
    assert (grant.left, grant.whole_in, grant.lapses) == (3, 2.0, NEW_YEAR)
    (grant,) = stand.ledger("b").exchange([Wish(MONTH, wanted=4)])
    assert (grant.units, grant.lacking, grant.ready_in) == (3, 1, 2.0)
    assert stand.usage(MONTH) == Usage(held=3, wanted=1, spent=7, whole_in=2.0)
    stand.units("b", Wish(MONTH, held=3, keep=3))
    stand.time.at += 2.0
    assert stand.units("c", Wish(MONTH, wanted=10)) == 7, "what another holds is held in the new window, too"
    assert stand.usage(MONTH)[3] == 0


def test_what_is_given_back_goes_to_the_window_that_is(stand: Stand) -> None:
    stand.time.began = NEW_YEAR - 1.0 - stand.time.at
    stand.units("a", Wish(MONTH, wanted=7))
    stand.units("a", Wish(MONTH, held=7, spent=7))
    stand.time.at += 2.0
    stand.units("a", Wish(MONTH, refunded=7, wanted=2))
    stand.units("a", Wish(MONTH, held=2, spent=2))
    assert stand.usage(MONTH).spent == 2
    stand.units("a", Wish(MONTH, refunded=1))
    assert stand.usage(MONTH).spent == 1


def test_a_clock_that_is_put_back_over_the_end_of_a_window_finds_it_as_it_was(stand: Stand) -> None:
    stand.time.began = NEW_YEAR - 1.0 - stand.time.at
    stand.units("a", Wish(MONTH, wanted=7))
    stand.units("a", Wish(MONTH, held=7, spent=7))
    stand.time.at += 2.0
    assert stand.units("b", Wish(MONTH, wanted=10)) == 10
    stand.units("b", Wish(MONTH, held=10, spent=10))
    stand.ledger("b").tidy()
    stand.time.began -= 2.0
    assert stand.units("b", Wish(MONTH, wanted=10)) == 3
    stand.time.began += 2.0
    assert stand.usage(MONTH).spent == 10


def test_what_a_dead_holder_held_of_a_budget_is_spent_until_its_window_ends(stand: Stand) -> None:
    stand.units("dead", Wish(MONTH, wanted=4))
    stand.time.at += 86_400.0
    assert stand.units("a", Wish(MONTH, wanted=10)) == 6
    assert stand.usage(MONTH).spent == 4


def test_who_dies_while_a_window_ends_may_have_spent_in_either(stand: Stand) -> None:
    stand.time.began = NEW_YEAR - 1.0 - stand.time.at
    stand.units("dead", Wish(MONTH, wanted=4))
    stand.time.at += 4.0
    assert stand.units("a", Wish(MONTH, wanted=10)) == 6
    stand.units("a", Wish(MONTH, held=6))
    stand.time.began -= 4.0
    assert stand.usage(MONTH).spent == 4, "the window before has it as well"


def test_who_dies_in_a_window_that_the_clock_leaves_again_has_spent_there(stand: Stand) -> None:
    stand.time.began = NEW_YEAR + 60.0 - stand.time.at
    stand.units("dead", Wish(MONTH, wanted=4))
    stand.time.began -= 100.0
    assert stand.units("a", Wish(MONTH, wanted=10)) == 10
    stand.units("a", Wish(MONTH, held=10))
    stand.time.began += 100.0
    assert stand.units("a", Wish(MONTH, wanted=10)) == 6


def test_since_when_it_is_counted_is_known(stand: Stand) -> None:
    assert counted_since(stand.path) is None
    stand.units("a", Wish(MONTH, wanted=1))
    since = counted_since(stand.path)
    assert since is not None
    assert since > 1_700_000_000
    assert counted_since(stand.path) == since


def test_a_file_that_was_replaced_is_not_written_to_unseen(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    stand.units("a", Wish(MONTH, wanted=9))
    stand.path.unlink()
    with caplog.at_level("WARNING"):
        assert stand.units("a", Wish(MONTH, wanted=10)) == 10
    assert stand.usage(MONTH).held == 10
    assert caplog.messages == [f"{stand.path} was replaced: what budgets spent before is forgotten"]
