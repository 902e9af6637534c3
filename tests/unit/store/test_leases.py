import pytest

from reconciler.store.leases import Counter, Grant, Lease, Settled, Wish, fair_share, lapse, ready_in, settle

SLOTS = Counter("p maxConcurrent", 4)
MINUTE = Counter("p requestsPerMinute", 10, 60.0)
NOW = 100.0


def lease(holder: str, units: int, used: int = 0, wanted: int = 0, since: float = 90.0) -> Lease:
    return Lease(holder, units, used, wanted, since, NOW + 2)


def settled(wish: Wish, *others: Lease, own: Lease | None = None, spent: int = 0) -> Settled:
    return settle(wish, "me", [*others, *(() if own is None else (own,))], spent, NOW)


def test_what_is_free_is_granted_and_more_ahead_where_nobody_else_wants_it() -> None:
    result = settled(Wish(SLOTS, wanted=1, ahead=2))
    assert result.grant == Grant(3, contested=False, left=1)
    assert result.lease == Lease("me", 3, 0, 0, NOW, NOW + 3.0)
    assert settled(Wish(SLOTS, wanted=1, ahead=9), lease("a", 1)).grant.units == 3


def test_no_more_is_granted_than_there_is() -> None:
    result = settled(Wish(SLOTS, wanted=3, ahead=2), lease("a", 3, used=2))
    assert (result.grant.units, result.grant.lacking, result.grant.movable) == (1, 2, True)
    assert settled(Wish(SLOTS, wanted=1), lease("a", 4, used=4)).grant.movable is False


def test_a_slot_in_use_is_held_even_where_the_lease_had_lapsed() -> None:
    assert settled(Wish(SLOTS, used=3, wanted=5), lease("a", 3, used=3)).grant.units == 3


def test_who_held_something_is_told_when_its_lease_had_expired() -> None:
    assert settled(Wish(MINUTE, held=3, spent=2)).grant.expired
    assert not settled(Wish(MINUTE, held=3, spent=2), own=lease("me", 3)).grant.expired
    assert not settled(Wish(MINUTE, wanted=1)).grant.expired, "it held nothing"


def test_what_a_holder_does_not_know_of_was_spent_for_all_that_is_known() -> None:
    """Its limit was taken away and put back, and what it had not told went with it."""
    again = settled(Wish(MINUTE, wanted=9), own=lease("me", 4))
    assert (again.spent, again.grant.units, again.grant.lacking) == (4, 6, 3)
    assert settled(Wish(SLOTS, wanted=4), own=lease("me", 4)).grant.units == 4, "slots are used or free"


def test_what_is_not_kept_is_free() -> None:
    own = lease("me", 4, used=1)
    assert settled(Wish(SLOTS, used=1, keep=1), own=own).grant.units == 2
    gone = settled(Wish(SLOTS), own=own)
    assert gone.lease is None


def test_who_waits_longer_comes_first() -> None:
    older = lease("a", 0, wanted=1, since=80.0)
    own = lease("me", 0, wanted=2, since=85.0)
    assert settled(Wish(SLOTS, wanted=4), older, own=own).grant.units == 3
    assert settled(Wish(SLOTS, wanted=4), older._replace(since=86.0), own=own).grant.units == 4


def test_who_has_less_than_its_share_comes_before_who_has_it() -> None:
    younger = lease("a", 0, wanted=1, since=99.0)
    own = lease("me", 2, used=2, wanted=2, since=85.0)
    assert settled(Wish(SLOTS, used=2, wanted=2), younger, own=own).grant.units == 3


def test_nothing_is_drawn_ahead_while_another_wants_it() -> None:
    result = settled(Wish(SLOTS, wanted=1, ahead=3), lease("a", 1, used=1, wanted=1, since=NOW + 1))
    assert (result.grant.units, result.grant.contested, result.grant.claimants) == (1, True, 2)


def test_a_window_has_no_more_than_its_capacity_with_what_was_spent() -> None:
    result = settled(Wish(MINUTE, wanted=9), lease("a", 3), spent=4)
    assert (result.grant.units, result.grant.lacking) == (3, 6)


def test_spent_units_leave_the_lease_and_count() -> None:
    result = settled(Wish(MINUTE, held=5, spent=2, keep=9), own=lease("me", 5))
    assert (result.spent, result.grant.units) == (2, 3)


def test_of_a_lease_that_lapsed_only_what_went_beyond_it_counts_once_more() -> None:
    assert settled(Wish(MINUTE, held=5, spent=2, keep=3)).spent == 0
    late = settled(Wish(MINUTE, held=5, spent=7, keep=3))
    assert (late.spent, late.grant.units) == (2, 0)


def test_more_than_was_held_is_spent_by_whoever_can_not_help_it() -> None:
    result = settled(Wish(MINUTE, held=2, spent=8, wanted=4), own=lease("me", 2))
    assert (result.spent, result.grant.units, result.grant.lacking) == (8, 2, 2)


def test_within_a_window_only_the_time_of_waiting_counts() -> None:
    older = lease("a", 3, wanted=2, since=80.0)
    assert settled(Wish(MINUTE, wanted=9), older).grant.units == 5


@pytest.mark.parametrize(("claimants", "share"), [(0, 4), (1, 4), (3, 1), (5, 0)])
def test_slots_are_shared_out_evenly(claimants: int, share: int) -> None:
    assert fair_share(SLOTS, claimants) == share


def test_when_enough_will_have_lapsed() -> None:
    lapses = [(110.0, 2), (120.0, 3)]
    assert ready_in(lapses, 2, NOW) == 10.0
    assert ready_in(lapses, 3, NOW) == 20.0
    assert ready_in(lapses, 6, NOW) is None
    assert ready_in([(90.0, 1)], 1, NOW) == 0.0


def test_what_is_spent_lapses_a_window_later_and_at_most_a_step_after_that() -> None:
    for now in (0.0, 0.25, 100.0, 123.456):
        assert now + 60.0 < lapse(MINUTE, now) <= now + 60.5


MONTH = Counter("key month", 10, 31 * 86_400.0, calendar=True, aligned="month")
END_OF_2026 = 1_798_761_600.0


def test_what_is_spent_of_a_budget_lapses_with_its_window() -> None:
    assert lapse(MONTH, END_OF_2026 - 0.5) == END_OF_2026
    assert lapse(MONTH, END_OF_2026) == END_OF_2026 + 31 * 86_400.0


def test_of_a_capacity_that_was_lowered_nobody_keeps_more_than_there_is() -> None:
    own = Lease("me", 8, 3, 0, NOW, NOW + 1)
    other = Lease("other", 2, 2, 0, NOW, NOW + 1)
    smaller = SLOTS._replace(capacity=4)
    found = settle(Wish(smaller, used=3, keep=5), "me", [own, other], 0, NOW)
    assert found.grant.units == 3, "what is under way goes on"
    found = settle(Wish(smaller, keep=5), "me", [own, other], 0, NOW)
    assert (found.grant.units, found.grant.left) == (2, 0)
    spent = settle(Wish(MONTH, held=8, spent=1, keep=7), "me", [own], 6, NOW)
    assert (spent.spent, spent.grant.units) == (1, 3)
