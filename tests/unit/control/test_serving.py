from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.store import SteppingClock

from reconciler.control.serving import serving, wait_until_served
from reconciler.errors import TimedOut, Unreachable, WorkerRefused
from reconciler.store.observations import STARTING, WHOLE, WorkerRow

ROW = WorkerRow("w-1", 11, 0.0, 0.0, 7)


class Workers:
    """Each look finds the next rows; the last stay."""

    def __init__(self, *rows: Sequence[WorkerRow]) -> None:
        self.rows = list(rows)

    def live(self, now: float) -> Sequence[WorkerRow]:
        assert now > 1_000_000_000, "seconds since the epoch"
        return self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]


def test_a_revision_is_served_when_every_live_worker_serves_it() -> None:
    now = serving(Workers([ROW, replace(ROW, instance="w-2", revision=8)]), SteppingClock())
    assert now.serves(7)
    assert not now.serves(8)
    assert not serving(Workers([]), SteppingClock()).serves(0)


def test_it_waits_until_the_last_one_is_there() -> None:
    behind = replace(ROW, instance="w-2", revision=6)
    ahead = replace(behind, revision=8)
    now = wait_until_served(Workers([ROW, behind], [ROW, behind], [ROW, ahead]), 7, SteppingClock(), 60)
    assert [worker.revision for worker in now.workers] == [7, 8]


def test_nobody_serves() -> None:
    with pytest.raises(Unreachable, match="revision 7 is stored, but nothing serves") as caught:
        wait_until_served(Workers([]), 7, SteppingClock(), 60)
    assert caught.value.exit_code == 6


def test_the_workers_that_are_late_are_named() -> None:
    behind = replace(ROW, instance="w-2", pid=22, revision=6)
    with pytest.raises(TimedOut) as caught:
        wait_until_served(Workers([ROW, behind]), 7, SteppingClock(), 2.5)
    assert caught.value.message == (
        "after 2.5 s 1 of 2 workers do not serve revision 7: w-2 (pid 22) serves 6"
    )
    assert caught.value.exit_code == 7


def test_a_worker_that_is_starting_is_waited_for_and_named() -> None:
    with pytest.raises(TimedOut, match=r"revision 7: w-1 \(pid 11\) is starting"):
        wait_until_served(Workers([replace(ROW, revision=STARTING)]), 7, SteppingClock(), 2.5)


def test_a_reason_of_several_lines_stays_on_its_line() -> None:
    refusing = replace(ROW, refused=(("Provider/a", "no key\n  set it"),))
    with pytest.raises(WorkerRefused) as caught:
        wait_until_served(Workers([refusing]), 7, SteppingClock(), 60)
    assert caught.value.message.splitlines()[1:] == ["  Provider/a: no key; set it"]


def test_a_revision_that_is_refused_as_a_whole_is_not_waited_for() -> None:
    other = replace(ROW, instance="w-2", revision=6)
    refusing = replace(other, refused=((WHOLE, "it can't be read"),))
    with pytest.raises(WorkerRefused) as caught:
        wait_until_served(Workers([ROW, other], [ROW, refusing], []), 7, SteppingClock(), 60)
    assert caught.value.message == (
        "revision 7 is not served by all workers:\n  w-2 (pid 11): it can't be read"
    )
    assert caught.value.exit_code == 8


def test_what_was_refused_before_may_be_the_revision_before() -> None:
    refusing = replace(ROW, revision=6, refused=((WHOLE, "it can't be read"),))
    again = replace(refusing, refused=((WHOLE, "this one neither"),))
    assert wait_until_served(Workers([refusing], [refusing], [ROW]), 7, SteppingClock(), 60).serves(7)
    with pytest.raises(WorkerRefused, match="this one neither"):
        wait_until_served(Workers([refusing], [again], []), 7, SteppingClock(), 60)
    with pytest.raises(WorkerRefused, match="it can't be read"):
        wait_until_served(Workers([refusing]), 7, SteppingClock(), 60)
    with pytest.raises(WorkerRefused, match="it can't be read"):
        wait_until_served(Workers([refusing]), 7, SteppingClock(), 0)


def test_what_workers_refuse_is_told_once() -> None:
    refusing = replace(ROW, refused=(("Provider/far", "the variable A_API_KEY is not set"),))
    with pytest.raises(WorkerRefused) as caught:
        wait_until_served(Workers([refusing, replace(refusing, instance="w-2")]), 7, SteppingClock(), 60)
    assert caught.value.message == (
        "revision 7 is served, but not all of it:\n  Provider/far: the variable A_API_KEY is not set"
    )
    assert caught.value.exit_code == 8
