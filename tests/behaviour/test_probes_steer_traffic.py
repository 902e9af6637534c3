"""Real workers, a real upstream: what its probe finds steers requests, and outlives the worker that found it."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fakes.running import Running, routerctl, running
from fakes.waiting import joined

pytestmark = pytest.mark.slow

KEY = "sk-canary-0123456789"
MANIFESTS = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {{name: primary}}
spec:
  type: openai-compatible
  priority: 10
  config: {{baseURL: "{url}/v1", apiKey: {{valueFrom: {{env: PRIMARY_API_KEY}}}}}}
  health:
    openFor: 10m
    failureThreshold: 1
    probe: {{path: /health, interval: 200ms, timeout: 200ms, unhealthyThreshold: 2, healthyThreshold: 1}}
---
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {{name: backup}}
spec: {{type: simulator, config: {{text: from backup}}}}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {{name: m}}
spec: {{}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {{name: one}}
spec: {{model: m, provider: primary}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {{name: two}}
spec: {{model: m, provider: backup}}
"""
ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "from primary"}}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}


class Upstream(ThreadingHTTPServer):
    """`probe` and `chat` are the statuses of its answers. `probes` are (path, credential)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.probe, self.chat = 200, 200
        self.probes: list[tuple[str, str | None]] = []

    def handle_error(self, *_: object) -> None:
        """A killed worker's connections end as they do."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        self.server.probes.append((self.path, self.headers.get("authorization")))
        self._answer(self.server.probe, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(self.server.chat, json.dumps(ANSWER).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """It says nothing."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        joined(thread)


@contextmanager
def serving(tmp_path: Path, upstream: Upstream) -> Iterator[tuple[Running, Path]]:
    manifests, db = tmp_path / "m.yaml", tmp_path / "store.db"
    manifests.write_text(MANIFESTS.format(url=f"http://127.0.0.1:{upstream.server_port}"))
    routerctl(db, "apply", "-f", str(manifests))
    with running("serve", "--workers", "2", db=db, env={"PRIMARY_API_KEY": KEY}) as gateway:
        yield gateway, db


def test_what_a_probe_finds_steers_all_workers_and_is_taken_over(tmp_path: Path, upstream: Upstream) -> None:
    with serving(tmp_path, upstream) as (gateway, db):

        def who() -> set[str]:
            return {gateway.text("m") for _ in range(8)}

        def prober() -> str | None:
            return next((each["instance"] for each in gateway.status()["workers"] if each["probes"]), None)

        gateway.wait(lambda: gateway.status()["probes"], "the first probe")
        assert who() == {"from primary"}
        upstream.probe = 302
        gateway.wait(lambda: who() == {"from backup"}, "the fallback")
        assert "its probe says: status 302" in routerctl(db, "get", "providers", "-o", "wide")

        first = prober()
        pid = next(each["pid"] for each in gateway.status()["workers"] if each["instance"] == first)
        os.kill(pid, signal.SIGKILL)
        gateway.wait(lambda: prober() not in {None, first}, "another that probes")
        assert who() == {"from backup"}
        upstream.probe = 200
        gateway.wait(lambda: who() == {"from primary"}, "the recovery")

        upstream.chat = 503
        gateway.wait(lambda: who() == {"from backup"} and gateway.status()["circuits"], "an open circuit")
        upstream.chat = 200
        assert who() == {"from backup"}
        assert "model m: open since" in routerctl(db, "describe", "provider", "primary")
        routerctl(db, "provider", "reset", "primary")
        gateway.wait(lambda: who() == {"from primary"}, "the reset")
        told = routerctl(db, "events", "provider/primary")
        assert [
            word for word in ("Unhealthy", "Healthy", "CircuitOpened", "CircuitClosed") if word in told
        ] == [
            "Unhealthy",
            "Healthy",
            "CircuitOpened",
            "CircuitClosed",
        ]
        assert set(upstream.probes) == {("/health", f"Bearer {KEY}")}
        everything = told + gateway.errors() + routerctl(db, "status") + json.dumps(gateway.status())
        assert KEY not in everything
