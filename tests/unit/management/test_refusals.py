import logging

import pytest
from fakes.doors import HandClock

from reconciler.errors import StoreError
from reconciler.management.refusals import A_MINUTE, Refusals
from reconciler.resources.principal import UNKNOWN, Principal
from reconciler.store.audit import Deed


def test_so_many_a_minute_are_written_down_and_the_rest_is_counted() -> None:
    noted: list[str] = []
    clock = HandClock()
    refusals = Refusals(lambda who, deed: noted.append(deed.outcome), clock)
    for _ in range(A_MINUTE + 7):
        refusals.note(UNKNOWN, "POST", "/x", "refused: 401")
    assert noted == ["refused: 401"] * A_MINUTE
    clock.pass_(seconds=61)
    refusals.note(UNKNOWN, "POST", "/x", "refused: 401")
    refusals.note(UNKNOWN, "POST", "/x", "refused: 401")
    assert noted[A_MINUTE:] == ["refused: 401 (7 more refusals were not written down)", "refused: 401"]


def test_a_store_that_takes_nothing_changes_no_refusal(caplog: pytest.LogCaptureFixture) -> None:
    def broken(who: Principal, deed: Deed) -> None:
        raise StoreError("the disk is full")

    with caplog.at_level(logging.WARNING):
        Refusals(broken, HandClock()).note(UNKNOWN, "POST", "/x", "refused: 401")
    assert "the disk is full" in caplog.text
