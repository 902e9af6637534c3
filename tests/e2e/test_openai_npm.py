"""The openai package of npm, in Node, against the data plane under a real server. `make openai-npm` fetches it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest
from fakes.waiting import until

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "build" / "npm" / "node_modules" / "openai" / "package.json"
PROGRAM = ROOT / "tests" / "data" / "npm" / "speaks.mjs"
TEXT = "The quick brown fox jumps over the lazy dog."
SSE = (("content-type", "text/event-stream"),)
DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'

pytestmark = pytest.mark.slow


@pytest.fixture
def node(tmp_path: Path) -> list[str]:
    program = shutil.which("node")
    if program is None or not PACKAGE.exists():
        pytest.skip("no node, or no openai package for it: make openai-npm fetches the latter")
    beside = PACKAGE.parents[2] / "speaks.mjs"  # a module is looked for beside who imports it
    shutil.copy(PROGRAM, beside)
    return [program, str(beside)]


def scripted(request: ReceivedRequest) -> Answer:
    match json.loads(request.body)["model"]:
        case "limited":
            body = b'{"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}'
            return Answer((body,), 429, (("content-type", "application/json"), ("retry-after", "1")))
        case "broken":
            return Answer((DELTA, Ending.CUT), headers=SSE)
        case _:
            return Answer((DELTA, Ending.HANG), headers=SSE)


@on_loop
async def test_it_gets_what_it_asks_for(node: list[str]) -> None:
    async with FakeUpstream(scripted) as upstream:
        up = http_upstream("up", upstream.url)
        models = [served(name, candidate(up, name)) for name in ("limited", "broken", "endless")]
        small = served(
            "small", candidate(simulator("sim", text=TEXT, chunkSize=4, dimensions=8), "sim-small")
        )
        async with Gateway(snapshot(namespace(small, *models))) as gateway:
            process = await asyncio.create_subprocess_exec(
                *node, f"{gateway.url}/v1", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, err = await process.communicate()
            assert process.returncode == 0, err.decode()
            told = json.loads(out)
            await until(lambda: not upstream.open_connections, "the end of the stream that was left")
            await gateway.idle()
        asked = [json.loads(request.body)["model"] for request in upstream.requests]
    assert {told[name] for name in ("whole", "streamed", "helper", "responded")} == {TEXT}
    assert (told["usages"], told["dimensions"]) == (1, [8, 8])
    assert told["models"] == ["broken", "endless", "limited", "small"]
    assert told["last_event"] == "response.completed"
    assert told["unknown"] == {"name": "NotFoundError", "status": 404, "code": "model_not_found"}
    assert told["limited"] == {"name": "RateLimitError", "status": 429, "code": "rate_limit_exceeded"}
    assert told["broken"]["name"] == "APIError"
    assert told["left"] == "left"
    assert asked.count("broken") == 1, "a stream that began is not asked for again"
