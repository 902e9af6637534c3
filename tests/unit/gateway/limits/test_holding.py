from reconciler.gateway.limits.holding import IDLE_AFTER, MARGIN, QUANTUM, Holding, take_all
from reconciler.store.leases import LASTS, Counter, Grant, Wish

SLOTS = Counter("p maxConcurrent", 100)
MINUTE = Counter("p requestsPerMinute", 100, 60.0)
NOW = 50.0


def holding(counter: Counter, units: int, now: float = NOW, **grant: int) -> Holding:
    made = Holding(counter)
    tell(made, Grant(units, **grant), now, waiting=1)  # type: ignore[arg-type]  # numbers and truth values
    return made


def take(holding_: Holding, units: int, now: float) -> bool:
    """Whether it wants more."""
    low = take_all(((holding_, 0),), (units, 0, 0), now, sure=False)
    assert low is not None, "it does not have them"
    holding_.taken_at = now
    return low


def tell(holding_: Holding, grant: Grant, now: float, waiting: int = 0) -> Wish:
    wish = holding_.wish(waiting, now)
    holding_.granted(wish, grant, now, now)
    return wish


def test_nothing_is_taken_before_it_is_granted_nor_when_the_lease_is_about_to_lapse() -> None:
    assert not Holding(SLOTS).has(1, NOW)
    one = holding(SLOTS, 2)
    assert one.has(2, NOW)
    assert not one.has(3, NOW)
    assert one.has(1, NOW + LASTS - MARGIN - 0.01)
    assert not one.has(1, NOW + LASTS - MARGIN)


def test_what_one_of_them_lacks_is_taken_of_none() -> None:
    slots, minute = holding(SLOTS, 5), holding(MINUTE, 3)
    both = ((slots, 0), (minute, 1))
    assert take_all(both, (1, 4, 0), NOW, sure=True) is None
    assert (slots.idle, slots.used, minute.idle, minute.spent) == (5, 0, 3, 0)
    assert take_all(both, (1, 3, 0), NOW, sure=True) is not None
    assert (slots.idle, slots.used, minute.idle, minute.spent) == (4, 1, 0, 3)


def test_a_lease_that_lapsed_is_asked_where_nobody_is_sure() -> None:
    one = holding(MINUTE, 5)
    assert take_all(((one, 0),), (1, 0, 0), NOW + LASTS, sure=False) is None
    assert (one.idle, one.spent) == (5, 0)


def test_a_slot_that_is_given_back_is_there_again() -> None:
    one = holding(SLOTS, 1)
    take(one, 1, NOW)
    assert not one.has(1, NOW)
    one.give()
    assert one.has(1, NOW)


def test_what_was_taken_while_the_ledger_was_asked_is_told_the_next_time() -> None:
    one = holding(MINUTE, 10)
    take(one, 3, NOW)
    wish = one.wish(0, NOW)
    assert (wish.held, wish.spent, wish.keep) == (10, 3, 7)
    take(one, 2, NOW)
    one.granted(wish, Grant(7), NOW, NOW)
    assert (one.idle, one.spent) == (5, 2)


def test_what_was_not_used_is_there_again_or_is_refunded() -> None:
    one = holding(MINUTE, 50)
    take(one, 20, NOW)
    one.correct(20, 5, one.round, NOW, NOW)
    assert (one.idle, one.spent, one.refunded) == (45, 5, 0)
    told = one.round
    tell(one, Grant(45), NOW)
    one.correct(5, 1, told, NOW, NOW + 1)
    assert (one.idle, one.refunded) == (45, 4)
    assert tell(one, Grant(45), NOW + 1).refunded == 4
    assert one.refunded == 0


def test_nothing_is_refunded_that_may_have_lapsed_by_the_time_it_is_told() -> None:
    one = holding(MINUTE, 50)
    take(one, 20, NOW)
    told = one.round
    tell(one, Grant(30), NOW)
    one.correct(20, 0, told, NOW, NOW + 54.5)
    assert one.refunded == 0
    one.correct(20, 17, told, NOW, NOW + 53.5)
    assert one.refunded == 3
    assert one.wish(0, NOW + 57.5).refunded == 0


def test_what_took_longer_than_a_lease_is_refunded_all_the_same() -> None:
    one = holding(MINUTE, 50)
    take(one, 20, NOW)
    told = one.round
    tell(one, Grant(0), NOW)
    assert one.is_empty
    one.correct(20, 5, told, NOW, NOW + 10)
    assert not one.is_empty
    assert one.is_due(0, NOW + 10, moved=False)
    assert tell(one, Grant(0), NOW + 10).refunded == 15
    assert one.is_empty


def test_what_went_beyond_a_reservation_is_spent_too() -> None:
    one = holding(MINUTE, 10)
    take(one, 8, NOW)
    one.correct(8, 30, one.round, NOW, NOW)
    assert (one.idle, one.spent) == (0, 30)
    assert one.wish(0, NOW).spent == 30


def test_more_is_drawn_where_somebody_had_to_wait_and_less_once_nobody_needs_it() -> None:
    one = Holding(SLOTS)
    first = tell(one, Grant(3), NOW, waiting=1)
    assert (first.wanted, first.ahead) == (1, 2)
    for _ in range(3):
        take(one, 1, NOW)
    assert one.wants_more(NOW)
    assert one.is_due(0, NOW, moved=False)
    assert tell(one, Grant(20), NOW).ahead == 4
    take(one, 1, NOW)
    assert one.idle == 16
    assert tell(one, Grant(4 + 2), NOW + 1.0).keep == 2
    assert tell(one, Grant(4 + 1), NOW + 2.0).keep == 1


def test_what_could_not_be_had_is_not_asked_for_again_at_once() -> None:
    one = Holding(SLOTS)
    tell(one, Grant(1, lacking=0), NOW, waiting=1)
    take(one, 1, NOW)
    assert not one.wants_more(NOW)


def test_an_idle_holding_gives_everything_back() -> None:
    one = holding(SLOTS, 5)
    take(one, 1, NOW)
    one.give()
    tell(one, Grant(5), NOW + 2)
    wish = tell(one, Grant(0), NOW + 2 + IDLE_AFTER)
    assert (wish.keep, wish.wanted, wish.ahead) == (0, 0, 0)
    assert one.is_empty


def test_a_lease_is_renewed_each_second() -> None:
    one = holding(SLOTS, 5)
    take(one, 1, NOW)
    tell(one, Grant(5), NOW)
    assert not one.is_due(0, NOW + 0.9, moved=True)
    assert one.is_due(0, NOW + 1.0, moved=False)


def test_who_waits_asks_again_when_others_wrote_or_a_while_passed() -> None:
    one = Holding(SLOTS)
    assert one.is_due(1, NOW, moved=False)
    tell(one, Grant(0, lacking=1), NOW, waiting=1)
    assert not one.is_due(1, NOW, moved=False)
    assert not one.is_due(2, NOW, moved=False)
    assert one.is_due(1, NOW, moved=True)
    assert one.is_due(1, NOW + 0.25, moved=False)
    assert one.is_due(0, NOW, moved=False), "that nobody waits any more is to be told"
    tell(one, Grant(0, lacking=1, ready_in=0.1), NOW, waiting=1)
    assert one.is_due(1, NOW + 0.1, moved=False)


def test_what_others_want_and_nobody_needs_here_goes_back() -> None:
    one = holding(SLOTS, 5)
    take(one, 1, NOW)
    one.hear(2)
    assert one.is_due(0, NOW, moved=False)
    assert one.wish(0, NOW).keep == 0
    one.hear(0)
    assert not one.contested


def test_no_more_than_its_share_is_in_use_while_others_want_some() -> None:
    one = Holding(Counter("p", 10))
    tell(one, Grant(10, contested=True, claimants=4), NOW, waiting=1)
    for _ in range(3):
        assert one.has(1, NOW)
        take(one, 1, NOW)
    assert not one.has(1, NOW)


def test_where_there_are_fewer_slots_than_workers_one_moves_on_after_a_while() -> None:
    one = Holding(Counter("p", 1))
    tell(one, Grant(1, contested=True, claimants=3), NOW, waiting=1)
    assert one.has(1, NOW)
    assert not one.has(1, NOW + QUANTUM)
    wish = one.wish(1, NOW + QUANTUM)
    assert (wish.keep, wish.wanted) == (0, 1)


def test_after_a_failure_what_was_spent_is_told_again_and_refunds_are_not() -> None:
    one = holding(MINUTE, 50)
    take(one, 2, NOW)
    one.refunded = 4
    one.wish(0, NOW)
    one.failed(NOW)
    assert (one.spent, one.refunded) == (2, 0)
    assert not one.is_due(0, NOW + 0.5, moved=False)
    assert one.is_due(0, NOW + 1.0, moved=False)


def test_a_lapsed_lease_keeps_nothing() -> None:
    one = holding(MINUTE, 50)
    assert one.wish(0, NOW + LASTS).keep == 0


def test_another_capacity_is_told_soon() -> None:
    one = holding(SLOTS, 5)
    take(one, 1, NOW)
    one.resize(Counter(SLOTS.key, 2))
    assert one.is_due(0, NOW + 1.75, moved=False)
    assert one.wish(7, NOW + 1.75).wanted <= 2


def test_it_ends_with_nothing_but_what_is_in_use() -> None:
    one = holding(SLOTS, 5)
    take(one, 1, NOW)
    one.give_up()
    wish = one.wish(0, NOW)
    assert (wish.used, wish.keep, wish.wanted, wish.ahead) == (1, 0, 0, 0)


def test_a_limit_that_is_lowered_while_the_ledger_is_asked_lets_nobody_in_beyond_it() -> None:
    one = holding(MINUTE, 10)
    take(one, 2, NOW)
    wish = one.wish(80, NOW + 1)
    one.resize(MINUTE._replace(capacity=5))
    one.granted(wish, Grant(80), NOW + 1, NOW + 1)
    assert not one.has(1, NOW + 1)
    take_back = one.wish(0, NOW + 1)
    assert (take_back.held, take_back.keep) == (80, 0)


DAY = Counter("key day", 10_000, 86_400.0, calendar=True, aligned="day")


def test_nothing_is_always_there() -> None:
    assert Holding(MINUTE).has(0, NOW)
    assert not Holding(MINUTE).has(1, NOW)


def test_of_a_budget_is_given_back_what_was_told_in_the_window_that_still_is() -> None:
    first, second = {"lapses": 900.0, "whole_in": 100.0}, {"lapses": 1800.0, "whole_in": 900.0}
    one = Holding(DAY)
    tell(one, Grant(500, **first), NOW, waiting=1)  # type: ignore[arg-type]  # numbers
    take(one, 20, NOW)
    early = one.round
    tell(one, Grant(480, **first), NOW + 1)  # type: ignore[arg-type]
    take(one, 30, NOW + 1)
    late = one.round
    one.correct(20, 5, early, NOW, NOW + 1)
    assert one.refunded == 15, "it was told, and its window lasts"
    one.correct(20, 5, early, NOW, NOW + 99)
    assert one.refunded == 15, "it might be told too late"
    tell(one, Grant(450, **second), NOW + 101)  # type: ignore[arg-type]
    one.correct(20, 5, early, NOW, NOW + 102)
    assert one.refunded == 0, "it was told in the window before"
    one.correct(30, 5, late, NOW + 1, NOW + 102)
    assert one.refunded == 25, "it was taken before, but told in this one"


def test_of_a_budget_nothing_is_given_back_that_was_counted_when_its_lease_expired() -> None:
    one = Holding(DAY)
    tell(one, Grant(500, lapses=900.0, whole_in=100.0), NOW, waiting=1)
    take(one, 20, NOW)
    early = one.round
    tell(one, Grant(500, lapses=1800.0, whole_in=900.0, expired=True), NOW + 101)
    take(one, 30, NOW + 101)
    one.correct(20, 5, early, NOW, NOW + 102)
    assert one.refunded == 0, "the window before has it"
    tell(one, Grant(470, lapses=1800.0, whole_in=899.0), NOW + 102)
    one.correct(30, 5, early + 1, NOW + 101, NOW + 103)
    assert one.refunded == 25


def test_of_a_long_window_little_is_drawn_ahead() -> None:
    for counter, most in ((MINUTE, 25), (DAY, 100)):
        one = Holding(counter)
        for _ in range(20):
            tell(one, Grant(1), NOW, waiting=1)
            take(one, 1, NOW)
        assert tell(one, Grant(1), NOW, waiting=1).ahead == most


def test_of_a_limit_that_was_lowered_nothing_is_taken_before_the_ledger_spoke() -> None:
    one = holding(MINUTE, 50)
    one.resize(MINUTE._replace(capacity=60))
    assert not one.has(1, NOW)
    tell(one, Grant(3), NOW)
    assert one.has(3, NOW)
    one.resize(MINUTE._replace(capacity=90))
    assert one.has(3, NOW)


def test_what_remains_is_what_is_here_and_what_nobody_holds() -> None:
    one = holding(MINUTE, 10, left=30)
    take(one, 4, NOW)
    assert one.remaining() == 36


def test_what_is_to_be_given_back_goes_back_where_others_want_some() -> None:
    one = holding(MINUTE, 10)
    take(one, 10, NOW)
    told = one.round
    tell(one, Grant(0), NOW)
    one.correct(10, 2, told, NOW, NOW)
    assert not one.is_due(0, NOW + 0.1, moved=False)
    one.hear(3)
    assert one.is_due(0, NOW + 0.1, moved=False)
