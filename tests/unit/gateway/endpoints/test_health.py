import json

from fakes.loop import on_loop
from starlette.requests import Request

from reconciler.gateway.endpoints.health import Health
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry

REQUEST = Request({"type": "http"})


@on_loop
async def test_the_process_is_healthy_before_there_is_a_configuration() -> None:
    answer = await Health(Registry()).healthz(REQUEST)
    assert (answer.status_code, json.loads(bytes(answer.body))) == (200, {"status": "ok"})


@on_loop
async def test_ready_is_with_a_snapshot() -> None:
    registry = Registry()
    health = Health(registry)
    waiting = await health.readyz(REQUEST)
    assert (waiting.status_code, json.loads(bytes(waiting.body))) == (503, {"status": "no configuration yet"})
    assert "x-routerctl-revision" not in waiting.headers
    for revision in (0, 7):
        registry.publish(Snapshot(revision))
        ready = await health.readyz(REQUEST)
        told = json.loads(bytes(ready.body))
        assert (ready.status_code, told) == (200, {"status": "ok", "revision": revision})
        assert ready.headers["x-routerctl-revision"] == str(revision)
