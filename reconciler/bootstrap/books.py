"""Where a worker's entries go: the traffic records, the access log, and traces where somebody collects them."""

import logging
from collections.abc import Mapping
from importlib import import_module

from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.clock import Clock
from reconciler.gateway.access_log import AccessLog, access
from reconciler.gateway.courier import Courier, Destination
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.traffic import TrafficRecords
from reconciler.settings import collects_traces, traces_protocol
from reconciler.snapshot.model import Snapshot
from reconciler.store.traffic import TrafficWriter

_EXTRA = "reconciler.gateway.otlp"
"""Its libraries are an extra, and take longer to load than the rest of a worker."""

_log = logging.getLogger(__name__)


class Books:
    """From `start` to `stop`, which blocks. `published` is for the registry."""

    def __init__(
        self, settings: WorkerSettings, telemetry: Telemetry, clock: Clock, environ: Mapping[str, str]
    ) -> None:
        self._telemetry = telemetry
        written, failed = telemetry.cell("records", "written"), telemetry.cell("records", "not_writable")
        writer = TrafficWriter(settings.store.traffic_path)
        self._records = TrafficRecords(writer, settings.instance, clock, written, failed)
        traces = _traces(environ)
        telemetry.traces = traces is not None
        others = [each for each in (_access_log(settings), traces) if each is not None]
        self._always = bool(others)
        self._courier = Courier(telemetry.outbox, [*others, self._records])

    def published(self, snapshot: Snapshot) -> None:
        self._records.published(snapshot)
        self._telemetry.keeps_entries = self._always or snapshot.recording.requests

    def start(self) -> None:
        self._courier.start()

    def stop(self) -> None:
        self._courier.stop()


def _access_log(settings: WorkerSettings) -> AccessLog | None:
    """Where a share is asked for, or where the log tells of everything."""
    if settings.access_log is None:
        return AccessLog() if access.isEnabledFor(logging.INFO) else None
    access.setLevel(logging.INFO)
    return AccessLog(settings.access_log)


def _traces(environ: Mapping[str, str]) -> Destination | None:
    """As the OTEL_* variables say. Whoever asks for traces without the extra is told."""
    if not collects_traces(environ):
        return None
    protocol = traces_protocol(environ)
    if protocol != "http/protobuf":
        _log.warning("no traces are exported: they go over http/protobuf, not over %s", protocol)
        return None
    try:
        exporter: Destination = import_module(_EXTRA).Traces()
    except ModuleNotFoundError as missing:
        _log.warning(
            "no traces are exported: %s is not installed; install routerctl[otlp]",
            missing.name or "a library",
        )
        return None
    return exporter
