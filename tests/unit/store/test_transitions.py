import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.store import transitions
from reconciler.store.observations import STARTING, Observations, WorkerRow
from reconciler.store.transitions import FAILED, RECOVERED, REFUSED, SERVING, Transition

ROW = WorkerRow("w", 1, 100.0, 100.0, STARTING)
REFUSING = replace(
    ROW,
    heartbeat=102.0,
    revision=4,
    refused=(("Provider/p", "no key"),),
    causes={"Provider/p": "SecretError"},
)


@pytest.fixture
def observations(tmp_path: Path) -> Iterator[Observations]:
    with closing(Observations(tmp_path / "records.db")) as opened:
        yield opened


def told(observations: Observations) -> list[tuple[float, str, str, int]]:
    return [(each.time, each.reason, each.subject, each.revision) for each in observations.transitions()]


def test_what_a_worker_came_to_and_refused_and_served_again(observations: Observations) -> None:
    assert observations.transitions() == ()
    later = replace(REFUSING, heartbeat=103.0)
    back = replace(ROW, heartbeat=104.0, revision=5)
    for row in (ROW, REFUSING, later, back, replace(back, heartbeat=0.0, revision=6)):
        observations.put_worker(row)
    assert told(observations) == [
        (102.0, SERVING, "", 4),
        (102.0, REFUSED, "Provider/p", 4),
        (104.0, SERVING, "", 5),
        (104.0, RECOVERED, "Provider/p", 5),
    ]
    refused = observations.transitions()[1]
    assert refused == Transition(
        102.0, "w", REFUSED, "Provider/p", 4, "SecretError", "no key", refused.number
    )
    assert observations.transitions(refused.number) == observations.transitions()[2:]


def test_another_reason_is_told_and_the_cause_is_read_back(observations: Observations) -> None:
    observations.put_worker(REFUSING)
    observations.put_worker(replace(REFUSING, refused=(("Provider/p", "bad host"),)))
    assert [each.message for each in observations.transitions() if each.reason == REFUSED] == [
        "no key",
        "bad host",
    ]
    assert observations.workers()[0].causes == {"Provider/p": "SecretError"}


def test_the_oldest_are_dropped(observations: Observations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "KEPT", 3)
    for revision in range(5):
        observations.put_worker(replace(ROW, revision=revision))
    assert [each.revision for each in observations.transitions()] == [2, 3, 4]


def test_those_of_another_history_are_forgotten(observations: Observations) -> None:
    for revision in (1, 2, 3):
        observations.put_worker(replace(ROW, revision=revision))
    observations.forget_builds(1)
    assert [each.revision for each in observations.transitions()] == [1]


def test_a_source_fails_and_recovers() -> None:
    def found(before: str | None, now: str | None) -> list[tuple[str, str]]:
        told = transitions.of_source(before, now, source="s", revision=2, time=1.0)
        return [(each.reason, each.message) for each in told]

    assert found(None, None) == found("bad", "bad") == []
    assert found(None, "bad") == found("worse", "bad") == [(FAILED, "bad")]
    assert found("bad", None) == [(RECOVERED, "")]


def test_a_file_of_the_version_before_gains_the_table_and_read_alone_has_none(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    with closing(Observations(path)) as observations:
        observations.put_worker(replace(ROW, revision=1))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE transition; PRAGMA user_version = 1")
        assert transitions.read(connection) == ()
    with closing(Observations(path)) as observations:
        observations.put_worker(replace(ROW, revision=2))
        assert [each.revision for each in observations.transitions()] == [2]
