import logging
from collections.abc import Sequence
from threading import Event

import pytest

from reconciler.errors import StoreError
from reconciler.gateway.courier import PIECE, TICK_SECONDS, Courier, next_pause
from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.telemetry import Entry, Telemetry

OUTCOME = Outcome(200, Ending.COMPLETE, (), None, 1, 0.1)


class Destination:
    def __init__(self) -> None:
        self.taken: list[str] = []
        self.rounds = 0
        self.closed = Event()
        self.fails_with: Exception | None = None

    def take(self, entries: Sequence[tuple[object, ...]]) -> None:
        self.rounds += 1
        if self.fails_with is not None:
            raise self.fails_with
        self.taken += [entry.request_id for entry in map(Entry._make, entries)]

    def close(self) -> None:
        self.closed.set()
        if self.fails_with is not None:
            raise self.fails_with


@pytest.fixture
def telemetry() -> Telemetry:
    made = Telemetry()
    made.keeps_entries = True
    return made


def over(telemetry: Telemetry, *names: str) -> None:
    for name in names:
        telemetry.over(name, "chat", "m", OUTCOME)


def test_a_round_takes_all_to_each(telemetry: Telemetry) -> None:
    one, other = Destination(), Destination()
    courier = Courier(telemetry.outbox, [one, other])
    over(telemetry, "a", "b")
    courier.round()
    courier.round()
    assert one.taken == other.taken == ["a", "b"]
    assert one.rounds == 2
    assert not telemetry.outbox


def test_the_thread_takes_what_is_left_before_it_ends(telemetry: Telemetry) -> None:
    destination = Destination()
    courier = Courier(telemetry.outbox, [destination])
    courier.start()
    over(telemetry, "a")
    courier.stop()
    assert destination.taken == ["a"]
    assert destination.closed.is_set()


@pytest.mark.parametrize(
    ("error", "words"),
    [(StoreError("no space is left"), "no space is left"), (KeyError("sk-secret"), "a bug (KeyError)")],
)
def test_one_that_fails_is_told_of_once_and_the_others_go_on(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture, error: Exception, words: str
) -> None:
    failing, well = Destination(), Destination()
    courier = Courier(telemetry.outbox, [failing, well])
    failing.fails_with = error
    with caplog.at_level(logging.WARNING):
        for name in ("a", "b"):
            over(telemetry, name)
            courier.round()
        assert caplog.messages == [f"what requests did can't be written down: {words}"]
        failing.fails_with = None
        over(telemetry, "c")
        courier.round()
        failing.fails_with = error
        courier.round()
    assert len(caplog.messages) == 2
    assert (failing.taken, well.taken) == (["c"], ["a", "b", "c"])


def test_many_are_taken_piece_by_piece(telemetry: Telemetry) -> None:
    destination = Destination()
    courier = Courier(telemetry.outbox, [destination])
    names = [str(number) for number in range(PIECE + 2)]
    over(telemetry, *names)
    assert courier.round() == PIECE + 2
    assert destination.taken == names[:PIECE]
    assert (courier.round(), courier.round()) == (2, 0)
    assert destination.taken == names


def test_before_it_ends_the_thread_takes_all_pieces(telemetry: Telemetry) -> None:
    destination = Destination()
    courier = Courier(telemetry.outbox, [destination])
    over(telemetry, *["a"] * (3 * PIECE))
    courier.start()
    courier.stop()
    assert len(destination.taken) == 3 * PIECE
    assert destination.closed.is_set()


def test_what_is_lost_at_the_end_is_told_and_the_others_are_closed(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    failing, well = Destination(), Destination()
    courier = Courier(telemetry.outbox, [failing, well])
    failing.fails_with = StoreError("no space is left")
    with caplog.at_level(logging.WARNING):
        courier.start()
        courier.stop()
    assert well.closed.is_set()
    assert caplog.messages == ["what requests did can't be written down: no space is left"]


def test_the_more_there_are_the_sooner_it_comes_again() -> None:
    assert next_pause(TICK_SECONDS, 0) == next_pause(TICK_SECONDS, 1) == TICK_SECONDS
    assert next_pause(0.01, 0) == TICK_SECONDS
    assert next_pause(0.01, PIECE // 2) == 0.01
    assert next_pause(0.01, PIECE) == 0.005
    assert 0 < next_pause(0.01, 1000 * PIECE) < 0.005
    assert 0.01 < next_pause(0.01, PIECE // 4) < TICK_SECONDS
