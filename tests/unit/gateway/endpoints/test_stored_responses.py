import asyncio
import json

from starlette.requests import Request

from reconciler.gateway.endpoints.stored_responses import StoredResponses
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry


def test_a_stored_response_is_refused_with_what_to_do() -> None:
    registry = Registry()
    registry.publish(Snapshot(7))
    request = Request({"type": "http", "method": "GET", "headers": [], "path_params": {"id": "resp_`1"}})
    answer = asyncio.run(StoredResponses(registry).refuse(request))
    error = json.loads(bytes(answer.body))["error"]
    assert (answer.status_code, error["code"]) == (404, "response_not_kept")
    assert "`resp_?1`" in error["message"]
    assert "`input`" in error["message"]
    assert answer.headers["x-routerctl-revision"] == "7"
