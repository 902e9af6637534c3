"""What becomes of requests by their charge is proved in `test_metering`; here is who is told, and how often."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.limits import Time
from fakes.talks import Hall, asked

from reconciler.gateway.dispatch.charge import Charge
from reconciler.gateway.dispatch.claim import Verdict
from reconciler.gateway.limits.limiter import PATIENCE
from reconciler.snapshot.limits import Limits
from reconciler.snapshot.model import Policy
from reconciler.store.ledger import Ledger

LIMITS = Limits("ClientKey/c", 1, 1)


class Stand(Hall):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ledger = Ledger(path, "w", Time(0.0))
        self.heard = 0

    def charge(self, policy: Policy | None = None) -> Charge:
        made = Charge(LIMITS, asked(self, "a", policy=policy), self.alarms)
        made.heard = self._hear
        return made

    def _hear(self) -> None:
        self.heard += 1

    def keep(self) -> None:
        batch = self.memory.limiters.wishes(0.0, moved=True)
        grants = self.ledger.exchange([each for _, wishes in batch for each in wishes])
        self.memory.limiters.granted(batch, grants, 0.0, 0.0)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path / "s-records.db")
    yield made
    made.ledger.close()


def test_who_waits_is_told_once(stand: Stand) -> None:
    charge = stand.charge()
    assert charge.begin(0.0) is Verdict.WAITING
    charge.due()
    assert (stand.heard, charge.admitted) == (0, False), "there is no news"
    stand.keep()
    assert (stand.heard, charge.admitted) == (1, True)
    charge.due()
    assert (stand.heard, stand.alarms.at) == (1, {})


def test_an_alarm_that_rings_a_moment_early_rings_again(stand: Stand) -> None:
    charge = stand.charge()
    assert charge.begin(0.0) is Verdict.WAITING
    stand.alarms.clear(charge)  # as one that rang does
    charge.due()
    assert stand.heard == 0
    stand.pass_time(PATIENCE)
    assert (stand.heard, charge.admitted) == (1, False)


def test_who_is_full_is_told_at_once_and_who_waited_too_long_by_its_alarm(stand: Stand) -> None:
    first, second, third = stand.charge(), stand.charge(), stand.charge()
    first.begin(0.0)
    assert second.begin(0.0) is Verdict.WAITING
    stand.pass_time(PATIENCE)
    assert stand.heard == 2
    assert not first.admitted
    assert third.begin(0.0) is Verdict.WAITING
    stand.keep()
    assert stand.charge().begin(0.0) is Verdict.WAITING
    stand.keep()
    assert stand.charge().begin(0.0) is Verdict.FULL


def test_what_was_taken_is_given_back_once(stand: Stand) -> None:
    charge = stand.charge()
    charge.begin(0.0)
    stand.keep()
    for _ in range(2):
        charge.over(None, 0.0)
    assert not charge.admitted
    assert stand.charge().begin(0.0) is Verdict.TAKEN


def test_who_has_less_time_than_the_ledger_waits_no_longer_than_that(stand: Stand) -> None:
    charge = stand.charge(Policy(total=0.2))
    assert charge.begin(0.0, 0.2) is Verdict.WAITING
    stand.pass_time(0.2)
    assert (stand.heard, charge.admitted, charge.late) == (1, False, True)
    assert stand.alarms.at == {}


def test_who_has_more_is_told_that_the_ledger_says_nothing(stand: Stand) -> None:
    charge = stand.charge(Policy(total=9.0))
    assert charge.begin(0.0, 9.0) is Verdict.WAITING
    stand.pass_time(PATIENCE)
    assert (stand.heard, charge.admitted, charge.late) == (1, False, False)
