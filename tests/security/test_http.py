"""What clients and upstreams may send that others fell for, and no other test has; see docs/security for the rest."""

import gzip
import io
import json
import logging

import pytest
from fakes.conversation import SSE
from fakes.in_process import asking
from fakes.loop import on_loop
from fakes.serving import candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, FakeUpstream

from reconciler.gateway.access_log import AccessLog
from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.courier import Courier
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.log import FORMAT, DiscreetFormatter, JsonFormatter
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry

CHAT = "/v1/chat/completions"
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
JSON = {"content-type": "application/json"}
SIMULATED = snapshot(namespace(served("m", candidate(simulator("sim", text="ok")))))


def plane_of(state: Snapshot, telemetry: Telemetry | None = None) -> tuple[TransportPool, DataPlane]:
    registry, pool = Registry(), TransportPool()
    registry.publish(state)
    return pool, data_plane(registry, pool, telemetry or Telemetry())


def passing_to(upstream: FakeUpstream) -> Snapshot:
    return snapshot(namespace(served("m", candidate(http_upstream("first", upstream.url)))))


@on_loop
async def test_case_10_ranges_and_conditions_cut_no_answer() -> None:
    pool, plane = plane_of(SIMULATED)
    odd = {
        "range": "bytes=0-0,0-0,0-0",
        "if-range": "x",
        "if-none-match": "*",
        "if-modified-since": "x",
        "if-match": "x",
    }
    async with asking(plane) as client:
        plain, asked = await client.get("/v1/models"), await client.get("/v1/models", headers=odd)
        assert (asked.status_code, asked.content) == (200, plain.content)
        assert (await client.post(CHAT, json=ASK, headers=odd)).status_code == 200
    await pool.aclose()


@on_loop
async def test_case_30_a_body_that_would_expand_is_not_expanded() -> None:
    bomb = gzip.compress(b'{"model": "m", "messages": [' + b" " * 50_000_000 + b"]}")
    async with FakeUpstream(Answer((b"{}",))) as upstream:
        pool, plane = plane_of(passing_to(upstream))
        async with asking(plane) as client:
            for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "x-gzip"):
                answer = await client.post(CHAT, content=bomb, headers={**JSON, "content-encoding": coding})
                assert answer.status_code == 415, coding
                assert len(answer.content) < 600
        await pool.aclose()
        assert upstream.connections == 0


BODIES = {
    "brackets": b'{"model": "m", "messages": ' + b"[" * 200_000,
    "braces": b'{"a":' * 100_000,
    "not closed": b'{"model": "m", "messages": [{"role": "' + b"x" * 100_000,
    "no number": b'{"model": "m", "n": NaN, "messages": [}',
    "escapes": b'{"model": "' + b"\\u00" * 1000 + b'"}',
    "a list": b"[" + b"1," * 100_000 + b"1]",
    "bytes": b"\xff\xfe\x00{" * 1000,
    "nothing": b"",
    "a model of digits": b'{"model": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", BODIES)
@on_loop
async def test_case_35_json_that_takes_parsers_down_is_a_400(name: str) -> None:
    async with FakeUpstream(Answer((b"{}",))) as upstream:
        pool, plane = plane_of(passing_to(upstream))
        async with asking(plane) as client:
            answer = await client.post(CHAT, content=BODIES[name], headers=JSON)
            assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
            assert len(answer.content) < 600
            assert (await client.get("/healthz")).status_code == 200
        await pool.aclose()
        assert upstream.connections == 0


HOSTILE_HEADERS = (
    ("set-cookie", "session=evil"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("location", "http://evil.test/"),
    ("refresh", "0; url=http://evil.test/"),
    ("link", "<http://evil.test/>; rel=preload"),
    ("clear-site-data", '"*"'),
    ("service-worker-allowed", "/"),
    ("alt-svc", 'h2="evil.test:443"'),
    ("strict-transport-security", "max-age=0"),
    ("www-authenticate", "Basic realm=evil"),
    ("content-disposition", "attachment; filename=evil.exe"),
    ("x-routerctl-provider", "evil"),
    ("x-routerctl-revision", "999999"),
    ("server", "evil"),
    ("via", "evil"),
)


@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_case_34_an_upstream_sets_no_header_that_acts_on_a_client(stream: bool) -> None:
    kind = SSE if stream else (("content-type", "application/json"),)
    body = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n' if stream else b"{}"
    async with FakeUpstream(Answer((body,), headers=(*kind, *HOSTILE_HEADERS))) as upstream:
        pool, plane = plane_of(passing_to(upstream))
        async with asking(plane) as client:
            answer = await client.post(CHAT, json={**ASK, "stream": stream})
            assert answer.status_code == 200
            assert "evil" not in repr(answer.headers.raw)
            passed = {name for name, _ in HOSTILE_HEADERS} & set(answer.headers)
            assert passed <= {"x-routerctl-provider", "x-routerctl-revision"}
            assert answer.headers["x-routerctl-provider"] == "first"
        await pool.aclose()


@on_loop
async def test_case_32_words_of_a_model_end_no_stream() -> None:
    words = 'data: [DONE]\n\nevent: error\ndata: {"error": {}}\r\n\r\n\u2028\u2029\x85'
    event = {"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": None}]}
    sent = f"data: {json.dumps(event)}\n\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
    stop = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    done = b"data: [DONE]\n\n"
    async with FakeUpstream(Answer((sent, stop, done), headers=SSE)) as upstream:
        pool, plane = plane_of(passing_to(upstream))
        async with asking(plane) as client:
            ask = {"model": "m", "stream": True, "messages": [{"role": "user", "content": words}]}
            answer = await client.post(CHAT, json=ask)
        await pool.aclose()
        assert json.loads(upstream.requests[0].body)["messages"] == ask["messages"]
    assert answer.content == sent + stop + done
    heard = [json.loads(line[6:]) for line in answer.content.split(b"\n") if line.startswith(b"data: {")]
    assert [each["choices"][0]["delta"].get("content") for each in heard] == [words, words, None]


@pytest.mark.parametrize("formatter", [DiscreetFormatter(FORMAT), JsonFormatter()], ids=["text", "json"])
@on_loop
async def test_case_27_no_name_begins_a_line_in_a_log(formatter: logging.Formatter) -> None:
    forged = "2026-11-22T00:00:00.000Z WARNING reconciler: all is well"
    names = [
        f"x\r\n{forged}",
        f'x" status=200\n{forged}',
        f"\u2028{forged}",
        f"\x1b[2J\x1b[31m{forged}",
        f"\x85{forged}",
        "\ud800",
    ]
    telemetry = Telemetry()
    telemetry.keeps_entries = True
    pool, plane = plane_of(SIMULATED, telemetry)
    async with asking(plane) as client:
        for name in names:
            body = json.dumps({**ASK, "model": name}).encode()
            assert (await client.post(CHAT, content=body, headers=JSON)).status_code in {400, 404}
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    log = logging.getLogger("reconciler.gateway.access")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        Courier(telemetry.outbox, [AccessLog()]).round()
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    await pool.aclose()
    lines = written.getvalue().splitlines()
    assert 1 <= len(lines) <= len(names)
    assert not any(line.startswith(forged) for line in lines)
    assert "\x1b" not in written.getvalue()
