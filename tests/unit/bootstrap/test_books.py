import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.serving import namespace, snapshot
from fakes.store import SteppingClock

from reconciler.bootstrap.books import Books
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.gateway.access_log import access
from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.telemetry import Telemetry
from reconciler.settings import Reach
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.recording import Recording
from reconciler.store.traffic_query import SoughtRequests, TrafficReader
from reconciler.store.url import StoreLocation, parse

OUTCOME = Outcome(200, Ending.COMPLETE, (), None, 7, 0.1)
COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    yield
    access.setLevel(logging.NOTSET)


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(str(tmp_path / "s.db"))


def books(
    location: StoreLocation,
    telemetry: Telemetry,
    share: float | None = None,
    environ: dict[str, str] | None = None,
) -> Books:
    settings = WorkerSettings("w-1", 3, location, Reach(), access_log=share)
    return Books(settings, telemetry, SteppingClock(), environ or {})


def wanting(requests: bool) -> Snapshot:
    return Snapshot(7, recording=Recording(requests=requests))


def test_requests_come_to_the_records(location: StoreLocation) -> None:
    telemetry = Telemetry()
    made = books(location, telemetry)
    made.published(snapshot(namespace()))
    made.start()
    telemetry.over("req-1", "chat", None, OUTCOME)
    made.stop()
    assert [row.id for row in TrafficReader(location.traffic_path).find(SoughtRequests())] == ["req-1"]
    assert telemetry.snapshot()["records"] == {"written": 1}


def test_where_nobody_wants_them_entries_are_not_kept(location: StoreLocation) -> None:
    telemetry = Telemetry()
    made = books(location, telemetry)
    made.published(wanting(requests=False))
    assert not telemetry.keeps_entries
    made.published(wanting(requests=True))
    assert telemetry.keeps_entries


def test_an_access_log_is_written_where_a_share_is_asked_for(
    location: StoreLocation, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry = Telemetry()
    made = books(location, telemetry, share=1.0)
    made.published(wanting(requests=False))
    made.start()
    telemetry.over("req-1", "chat", None, OUTCOME)
    made.stop()
    assert [line.split()[0] for line in caplog.messages] == ["request=req-1"]
    assert not location.traffic_path.exists()


def test_or_where_everything_is_logged(location: StoreLocation, caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    with caplog.at_level(logging.INFO):
        books(location, telemetry).published(wanting(requests=False))
    assert telemetry.keeps_entries


def test_traces_are_exported_where_somebody_collects_them(location: StoreLocation) -> None:
    telemetry = Telemetry()
    made = books(location, telemetry, environ=COLLECTOR)
    made.published(wanting(requests=False))
    assert telemetry.traces
    assert telemetry.keeps_entries
    made.start()
    made.stop()


def test_without_the_extra_that_is_said(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry = Telemetry()
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "reconciler.gateway.otlp", raising=False)
    for name in [name for name in sys.modules if name.startswith("opentelemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    books(location, telemetry, environ=COLLECTOR)
    assert not telemetry.traces
    assert caplog.messages[0].endswith("is not installed; install routerctl[otlp]")


def test_a_protocol_that_is_not_spoken_is_said(
    location: StoreLocation, caplog: pytest.LogCaptureFixture
) -> None:
    books(location, Telemetry(), environ={**COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
    assert caplog.messages == ["no traces are exported: they go over http/protobuf, not over grpc"]
