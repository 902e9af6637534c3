import logging
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.store import SteppingClock
from fakes.workshop import PROVIDER

from reconciler.bootstrap import recorder as module
from reconciler.bootstrap.acknowledgements import News
from reconciler.bootstrap.recorder import Recorder
from reconciler.control.manifest.document import Problem
from reconciler.control.plan.model import Drifted
from reconciler.control.reconcile import Result
from reconciler.errors import StoreError
from reconciler.store.source_status import Difference, GitStatus, read


def test_what_happens_is_told_once_and_recorded_each_time(tmp_path: Path) -> None:
    told: list[News] = []
    recorder = Recorder(tmp_path / "records.db", ["/m"], SteppingClock(), told.append)
    bad = Result("acme", error="the store was busy", exit_code=5)
    for result in (Result("acme", 1, 2), bad, bad):
        recorder.report(result)
    assert [(news.level, news.text) for news in told] == [
        (logging.INFO, "revision 1: 2 changes from acme"),
        (logging.WARNING, "not applied, nothing was changed: the store was busy"),
    ]
    (row,) = read(tmp_path / "records.db")
    assert (row.paths, row.error, row.time) == (("/m",), "the store was busy", "2026-01-01T00:00:03.000Z")


def test_a_warning_is_one_by_its_level(tmp_path: Path) -> None:
    told: list[News] = []
    recorder = Recorder(tmp_path / "records.db", ["/m"], SteppingClock(), told.append)
    odd = Problem(None, "1 of its fields counts for nothing here", warning=True)
    recorder.report(Result("acme", 1, 1, problems=(odd,)))
    assert [(news.level, news.text) for news in told] == [
        (logging.WARNING, "1 of its fields counts for nothing here"),
        (logging.INFO, "revision 1: 1 change from acme"),
    ]
    (row,) = read(tmp_path / "records.db")
    assert row.problems == (f"warning: {told[0].text}",)


def test_what_was_healed_last_stands_in_the_row_until_something_else_is(tmp_path: Path) -> None:
    told: list[News] = []
    recorder = Recorder(tmp_path / "records.db", ["/m"], SteppingClock(), told.append)
    drifted = Drifted(PROVIDER, manager="cli:ada", since="2026-01-01T00:00:00Z")
    for result in (Result("acme", 2, 1, healed=(drifted,)), Result("acme", 2), Result("acme", 3, 1)):
        recorder.report(result)
    (row,) = read(tmp_path / "records.db")
    assert row.healed == (
        Difference("Provider/sim", "deleted", "cli:ada", "2026-01-01T00:00:00Z", revision=2),
    )
    assert [news.text for news in told] == [
        "revision 2: 1 change from acme",
        "healed: Provider/sim: deleted; by cli:ada at 2026-01-01T00:00:00Z",
        "revision 3: 1 change from acme",
    ]


def test_what_was_stopped_is_no_news(tmp_path: Path) -> None:
    told: list[News] = []
    recorder = Recorder(tmp_path / "records.db", ["/m"], SteppingClock(), told.append)
    recorder.report(Result("acme", error="stopped while git was at work", exit_code=130))
    assert (told, read(tmp_path / "records.db")) == ([], ())


def test_records_that_cannot_be_written_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space is left")

    monkeypatch.setattr(module, "put", full)
    Recorder(tmp_path / "records.db", ["/m"], SteppingClock(), lambda _: None).report(Result("acme", 1, 2))
    assert caplog.messages == ["how the manifests do can't be recorded: no space is left"]


_BAD = Result("acme", error="no such branch", git=GitStatus("https://h/x", "wrong"), exit_code=3)


def test_a_branch_that_nothing_was_applied_from_leaves_no_row(tmp_path: Path) -> None:
    records = tmp_path / "records.db"
    recorder = Recorder(records, ["place"], SteppingClock(), lambda _: None)
    recorder.close()
    recorder.report(_BAD)
    assert [row.error for row in read(records)] == ["no such branch"]
    recorder.close()
    assert read(records) == ()


def test_a_branch_that_fails_by_now_keeps_its_row(tmp_path: Path) -> None:
    records = tmp_path / "records.db"
    recorder = Recorder(records, ["place"], SteppingClock(), lambda _: None)
    recorder.report(replace(_BAD, commit="1a2b3c"))
    recorder.close()
    assert [row.error for row in read(records)] == ["no such branch"]


def test_a_row_that_cannot_be_taken_away_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space is left")

    recorder = Recorder(tmp_path / "records.db", ["place"], SteppingClock(), lambda _: None)
    recorder.report(_BAD)
    monkeypatch.setattr(module, "forget", full)
    recorder.close()
    assert caplog.messages == ["what was never applied can't be taken from the records: no space is left"]
