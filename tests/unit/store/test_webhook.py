from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.store import webhook
from reconciler.store.observations import Observations
from reconciler.store.webhook import Message, Trouble, WebhookRecords

ONE, TWO = Trouble("circuit", "Provider/a", "m"), Trouble("unhealthy", "Provider/a")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[WebhookRecords]:
    with closing(Observations(tmp_path / "records.db")) as observations:
        yield WebhookRecords(observations)


def message(number: int) -> Message:
    return Message(f"msg_{number}", float(number), b"{}")


def test_a_file_that_is_not_there_says_nothing(records: WebhookRecords) -> None:
    assert (records.told(), records.next()) == (frozenset(), None)
    records.forget()
    records.leave_turn("a")


def test_one_process_has_the_turn_until_it_lapses(records: WebhookRecords) -> None:
    assert records.take_turn("a", 100.0, 110.0)
    assert not records.take_turn("b", 101.0, 111.0)
    assert records.take_turn("a", 102.0, 112.0)  # nothing is written yet
    assert records.take_turn("a", 108.0, 118.0)
    assert not records.take_turn("b", 117.0, 127.0)
    assert records.take_turn("b", 119.0, 129.0)
    assert records.take_turn("c", 10.0, 20.0)  # the clock was set back
    records.leave_turn("b")
    assert not records.take_turn("b", 11.0, 21.0)
    records.leave_turn("c")
    assert records.take_turn("b", 11.0, 21.0)


def test_what_was_told_and_what_waits_is_kept_in_order(records: WebhookRecords) -> None:
    assert records.tell([ONE, TWO], [message(1), message(2)]) == 0
    assert records.told() == {ONE, TWO}
    assert records.next() == message(1)
    records.tried("msg_1")
    assert records.next() == Message("msg_1", 1.0, b"{}", 1)
    records.done("msg_1")
    assert records.next() == message(2)
    records.tell([TWO], [])
    assert records.told() == {TWO}


def test_no_more_than_so_many_wait(records: WebhookRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST", 2)
    assert records.tell([], [message(number) for number in range(4)]) == 2
    assert records.next() == message(2)


def test_all_of_it_is_forgotten(records: WebhookRecords) -> None:
    records.take_turn("a", 100.0, 110.0)
    records.tell([ONE], [message(1)])
    records.forget()
    assert (records.told(), records.next()) == (frozenset(), None)
    assert records.take_turn("b", 100.0, 110.0)
