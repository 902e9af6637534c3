"""What clients asked is in the records, the metrics and the log, whatever becomes of the worker or of the records' file."""

import os
import signal
from pathlib import Path

import pytest
from fakes.command import manifest
from fakes.running import running, said, simulator

from reconciler.json_types import JsonObject
from reconciler.store.url import parse

PRICED: JsonObject = {"pricing": {"input": "1", "output": "2"}}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    file = tmp_path / "a.yaml"
    bound = manifest("Model", "m", PRICED) + manifest("Binding", "m", {"model": "m", "provider": "sim"})
    file.write_text(simulator("sim", text="one two three") + bound, encoding="utf-8")
    path = tmp_path / "s.db"
    assert said(path, "apply", "-f", str(file)).code == 0
    return path


def listed(db: Path, *options: str) -> list[str]:
    return said(db, "requests", "--all", "-o", "jsonpath={.items[*].status}", *options).out.split()


def test_of_what_was_answered_nothing_is_lost(db: Path) -> None:
    traffic = parse(str(db)).traffic_path
    with running("--log-format", "json", "serve", "--access-log-sample", "0", db=db) as gateway:
        answer = gateway.chat("m")
        assert gateway.chat("nobody").status_code == 404
        gateway.wait(lambda: len(listed(db)) == 2, "the records")
        assert listed(db, "--status", "failed") == ["404"]
        request_id = answer.headers["x-routerctl-request-id"]
        wanted = "jsonpath={.provider} {.cost} {.revision} {.finishReason}"
        one = said(db, "requests", request_id, "-o", wanted).out.split()
        assert (one[0], *one[2:], float(one[1]) > 0) == ("sim", "1", "stop", True)
        assert gateway.errors().count('"logger": "reconciler.gateway.access"') == 1
        assert gateway.metric("routerctl_traffic_records_total") == 2

        (pid,) = gateway.pids()
        os.kill(pid, signal.SIGKILL)
        gateway.wait(lambda: gateway.pids() not in (set(), {pid}), "another worker")
        assert (len(listed(db)), gateway.metric("routerctl_requests_total")) == (2, 2)

        for file in traffic.parent.glob(f"{traffic.name}*"):
            file.unlink()
        assert gateway.chat("m").status_code == 200
        gateway.wait(lambda: listed(db) == ["200"], "a new file of records")
        assert gateway.chat("m").status_code == 200
        gateway.stop()
    assert listed(db) == ["200", "200"]
