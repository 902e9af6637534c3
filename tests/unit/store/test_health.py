import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.store import health, transitions
from reconciler.store.health import (
    KEPT_RESETS,
    LEASE_SECONDS,
    TAKEN_OVER_SECONDS,
    CircuitRow,
    HealthRows,
    ProbeRow,
    Seen,
    Told,
)
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.transitions import CLOSED, KEPT, OPENED, SERVING, Transition

NOW = 1_000.0
A, B = Told("a", NOW, would_probe=True), Told("b", NOW, would_probe=True)
OPEN = CircuitRow("a", "Provider/p", "m", "open", NOW - 1, "status 503", NOW + 4)
BAD = ProbeRow("Provider/p", False, NOW - 2, NOW, "status 500")


@pytest.fixture
def observations(tmp_path: Path) -> Iterator[Observations]:
    with closing(Observations(tmp_path / "records.db")) as opened:
        yield opened


@pytest.fixture
def records(observations: Observations) -> HealthRecords:
    for instance in "ab":
        observations.put_worker(WorkerRow(instance, 1, NOW - 60, NOW - 1, 3))
    return HealthRecords(observations)


def later(told: Told, seconds: float) -> Told:
    return replace(told, now=told.now + seconds)


def test_before_there_is_a_file_nothing_is_known(observations: Observations) -> None:
    records = HealthRecords(observations)
    assert (records.exchange(A), records.rows(NOW), records.last_reset()) == (Seen(), HealthRows(), 0)


def test_one_worker_probes_and_another_takes_over_when_its_lease_lapses(records: HealthRecords) -> None:
    assert records.exchange(replace(A, would_probe=False)) == Seen(live=2)
    assert records.exchange(A).probes_now
    assert not records.exchange(B).probes_now
    assert records.exchange(later(A, 2)).probes_now
    assert not records.exchange(later(B, 2 + LEASE_SECONDS)).probes_now
    assert records.exchange(later(B, 2.1 + LEASE_SECONDS)).probes_now
    assert not records.exchange(later(A, 2.1 + LEASE_SECONDS)).probes_now


def test_a_lease_is_given_back_with_what_was_found(records: HealthRecords) -> None:
    records.exchange(A)
    records.exchange(replace(A, probes=[BAD]))
    records.exchange(replace(A, would_probe=False))
    assert records.rows(NOW).prober == ""
    taken = records.exchange(B)
    assert (taken.probes_now, taken.probes) == (True, {"Provider/p": BAD})
    assert records.rows(NOW).prober == "b"


def test_what_a_prober_found_long_ago_is_forgotten(records: HealthRecords) -> None:
    records.exchange(A)
    records.exchange(replace(A, probes=[BAD]))
    assert records.exchange(later(B, 3 * LEASE_SECONDS)).probes == {}


def test_a_lease_from_before_the_clock_was_set_back_does_not_hold(records: HealthRecords) -> None:
    records.exchange(later(A, 86_400))
    assert records.exchange(B).probes_now


def test_probes_are_heard_of_who_holds_the_lease(records: HealthRecords) -> None:
    records.exchange(A)
    assert records.exchange(replace(B, probes=[BAD])).probes == {}
    assert records.exchange(replace(A, probes=[BAD])).probes == {"Provider/p": BAD}
    assert records.rows(NOW) == HealthRows((), {"Provider/p": BAD}, "a")
    assert records.rows(NOW + 2 * LEASE_SECONDS).probes == {}
    assert records.exchange(replace(A, probes=[])).probes == {}


def test_circuits_are_told_of_live_workers_alone(records: HealthRecords, observations: Observations) -> None:
    records.exchange(Told("a", NOW, circuits=[OPEN]))
    records.exchange(Told("b", NOW, circuits=[replace(OPEN, instance="b", model="")]))
    assert [(each.model, each.instance) for each in records.rows(NOW).circuits] == [("", "b"), ("m", "a")]
    assert records.rows(NOW).circuits[1] == OPEN
    assert records.rows(NOW + 60).circuits == ()
    records.exchange(Told("b", NOW, circuits=[]))
    observations.forget(NOW + 1)
    observations.put_worker(WorkerRow("c", 1, NOW, NOW, 3))
    records.exchange(Told("c", NOW, circuits=[]))
    with observations.reading() as connection:
        assert connection is not None
        assert connection.execute("SELECT count(*) FROM circuit").fetchone() == (0,)


def test_nothing_is_written_where_nothing_changed(records: HealthRecords, observations: Observations) -> None:
    records.exchange(A)
    with observations.reading() as connection:
        assert connection is not None
        before = connection.total_changes
    for _ in range(3):
        records.exchange(replace(B, would_probe=False))
        records.exchange(B)
    with observations.reading() as connection:
        assert connection is not None
        assert connection.total_changes == before


def test_a_reset_is_told_once_and_outdoes_what_the_prober_found(records: HealthRecords) -> None:
    records.exchange(A)
    records.exchange(replace(A, probes=[BAD]))
    records.reset(["Provider/p", "Provider/q"], NOW)
    told = records.exchange(replace(A, probes=[BAD, replace(BAD, provider="Provider/r")]))
    assert [provider for _, provider in told.resets] == ["Provider/p", "Provider/q"]
    assert told.probes.keys() == {"Provider/r"}
    newest = records.last_reset()
    assert told.resets[-1][0] == newest
    assert records.exchange(replace(A, reset=newest)).resets == ()


def test_so_many_resets_are_kept(records: HealthRecords) -> None:
    records.reset([f"Provider/{number}" for number in range(KEPT_RESETS + 5)], NOW)
    assert len(records.exchange(A).resets) == KEPT_RESETS


def test_many_transitions_of_health_push_out_no_others(
    observations: Observations, records: HealthRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT > 1000
    monkeypatch.setattr(transitions, "KEPT", 3)
    for number in range(10):
        reason = CLOSED if number % 2 else OPENED
        records.exchange(Told("a", NOW, transitions=[Transition(NOW, "a", reason, "Provider/p", number)]))
    told = [(each.reason, each.revision) for each in observations.transitions()]
    assert told == [(SERVING, 3), (SERVING, 3), (CLOSED, 7), (OPENED, 8), (CLOSED, 9)]


def test_a_file_of_an_older_version_that_can_only_be_read_tells_nothing() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert health.read(connection, NOW, NOW) == HealthRows()


# --- what a worker that begins takes over ---------------------------------------------------------------------------


def test_open_circuits_are_there_to_be_taken_over_the_soonest_try_of_each(records: HealthRecords) -> None:
    limited = replace(OPEN, model="n", state="rate-limited", next_try=NOW + 40)
    half = replace(OPEN, model="", state="half-open", next_try=NOW - 2)
    closed = replace(OPEN, model="c", state="closed", next_try=None)
    rising = replace(OPEN, model="r", state="slow-start", next_try=None)
    records.exchange(replace(A, circuits=[OPEN, limited, half, closed, rising]))
    sooner = replace(OPEN, instance="b", next_try=NOW + 2)
    records.exchange(replace(B, circuits=[sooner]))
    assert set(records.left_alone(NOW)) == {sooner, limited, half}


def test_of_those_that_died_no_more_than_a_while(observations: Observations, records: HealthRecords) -> None:
    long = replace(OPEN, next_try=NOW + 300)
    stale = replace(OPEN, model="s", next_try=NOW - TAKEN_OVER_SECONDS - 1)
    records.exchange(replace(A, circuits=[long, stale]))
    assert records.left_alone(NOW) == (long,), "while it lives"
    observations.put_worker(WorkerRow("a", 1, NOW - 60, 0.0, 3))
    observations.forget(1.0)
    assert records.left_alone(NOW) == (replace(long, next_try=NOW + TAKEN_OVER_SECONDS),)
    records.exchange(replace(B, circuits=[]))
    assert records.left_alone(NOW) == (), "the others do not leave it alone"


def test_without_a_file_there_is_nothing_to_take_over(observations: Observations) -> None:
    assert HealthRecords(observations).left_alone(NOW) == ()
