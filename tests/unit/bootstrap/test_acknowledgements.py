import asyncio
import logging
from collections.abc import Sequence

import pytest
from fakes.store import SteppingClock
from fakes.waiting import until

from reconciler.bootstrap import acknowledgements as module
from reconciler.bootstrap.acknowledgements import PATIENCE_SECONDS, Acknowledgements, News, follow
from reconciler.errors import StoreError
from reconciler.store.observations import STARTING, WHOLE, WorkerRow

NO_KEY = ("Provider/a", "the variable A is not set\n  set it where routerctl is started")
NO_FILE = ("Provider/b", "no file")


def row(revision: int, *refused: tuple[str, str], instance: str = "w") -> WorkerRow:
    return WorkerRow(instance, 1, 0.0, 0.0, revision, refused)


class Told:
    def __init__(self) -> None:
        self.acknowledgements = Acknowledgements("serving here")

    def after(self, *rows: WorkerRow, seconds: float = 0.0) -> list[str]:
        return [each.text for each in self.acknowledgements.news(rows, seconds)]


def test_it_serves_from_the_first_acknowledgement_on() -> None:
    told = Told()
    assert told.after() == []
    assert told.after(row(STARTING)) == []
    assert not told.acknowledgements.announced
    assert told.after(row(STARTING), row(0, instance="v")) == ["serving here"]
    assert told.acknowledgements.announced
    assert told.after(row(0), row(0, instance="v")) == []


def test_a_refusal_of_several_workers_is_told_once_with_what_to_do_and_once_when_it_ends() -> None:
    told = Told()
    assert told.after(row(1, NO_KEY), row(1, NO_KEY, instance="v")) == [
        "serving here",
        "Provider/a is refused: the variable A is not set; set it where routerctl is started",
    ]
    assert told.after(row(1, NO_KEY)) == []
    assert told.after(row(1, NO_KEY, NO_FILE)) == ["Provider/b is refused: no file"]
    assert told.after() == []  # all are being replaced: that ends no refusal
    assert told.after(row(STARTING)) == []
    assert told.after(row(2, ("Provider/a", "another reason")), row(1, instance="v")) == [
        "Provider/a is refused: another reason",
        "Provider/b is refused no longer",
    ]
    assert told.after(row(2)) == ["Provider/a is refused no longer"]


def test_a_revision_that_is_not_served_is_told_as_one() -> None:
    told = Told()
    told.after(row(1))
    assert told.after(row(1, (WHOLE, "damaged"))) == ["the newest revision is not served: damaged"]
    assert told.after(row(2)) == ["the newest revision is served"]


def test_why_nobody_serves_yet_is_told_once() -> None:
    told = Told()
    assert told.after(row(STARTING, (WHOLE, "damaged"))) == ["no worker serves yet: damaged"]
    assert told.after(row(STARTING, (WHOLE, "damaged")), seconds=PATIENCE_SECONDS) == []
    assert told.after(row(1)) == ["serving here", "the newest revision is served"]


def test_who_takes_long_is_told_once() -> None:
    told = Told()
    assert told.after(row(STARTING), seconds=PATIENCE_SECONDS - 1) == []
    assert told.after(row(STARTING), seconds=PATIENCE_SECONDS) == [
        "no worker serves after 10 s; they are still starting"
    ]
    assert told.after(seconds=PATIENCE_SECONDS + 1) == []


def test_records_that_cannot_be_read_are_said_once_and_read_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0)
    answers: list[Sequence[WorkerRow] | None] = [None, None, (), None, (row(1),)]
    heard: list[News] = []

    def workers() -> Sequence[WorkerRow]:
        answer = answers.pop(0) if answers else ()
        if answer is None:
            raise StoreError("damaged", hint="remove it")
        return answer

    async def whole() -> None:
        task = asyncio.create_task(
            follow(Acknowledgements("serving here"), workers, heard.append, SteppingClock())
        )
        await until(lambda: heard, "the announcement")
        task.cancel()

    asyncio.run(whole())
    assert caplog.messages == ["what the workers do can't be read: damaged; remove it"] * 2
    assert heard[0] == News(logging.INFO, "serving here")
