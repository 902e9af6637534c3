"""What upstreams do on the wire, and what a client gets of it: the app in process, a real upstream on loopback."""

import gzip
import json
from collections.abc import Sequence

import httpx2
import pytest
from fakes.conversation import SSE
from fakes.in_process import asking
from fakes.loop import on_loop
from fakes.serving import KEY, candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream
from fakes.waiting import until
from fakes.wire import recorded

from reconciler.gateway.app import data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.protocol.sse import MAX_EVENT
from reconciler.snapshot.registry import Registry

DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
PLAIN = b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'


async def asked(
    *upstreams: FakeUpstream, stream: bool = True, headers: dict[str, str] | None = None
) -> tuple[httpx2.Response, Telemetry]:
    """One chat request, answered by these upstreams in this order."""
    candidates = [candidate(http_upstream(f"up{n}", each.url)) for n, each in enumerate(upstreams)]
    registry, pool, telemetry = Registry(), TransportPool(), Telemetry()
    registry.publish(snapshot(namespace(served("m", *candidates))))
    async with asking(data_plane(registry, pool, telemetry)) as client:
        body = {"model": "m", "messages": [], "stream": stream}
        answer = await client.post("/v1/chat/completions", json=body, headers=headers)
    await pool.aclose()
    return answer, telemetry


def sse(*steps: bytes | Ending, headers: tuple[tuple[str, str], ...] = SSE) -> Answer:
    return Answer(steps, headers=headers)


def pieces(sent: bytes, size: int) -> Sequence[bytes]:
    return [sent[at : at + size] for at in range(0, len(sent), size)]


@pytest.mark.parametrize("size", [1, 3])
@on_loop
async def test_characters_may_be_cut_anywhere(size: int) -> None:
    sent = 'data: {"choices":[{"index":0,"delta":{"content":"Hé 世界 🌍"}}]}\n\n'.encode() + STOP + DONE
    async with FakeUpstream(sse(*pieces(sent, size))) as upstream:
        answer, _ = await asked(upstream)
    assert answer.content == sent


@pytest.mark.parametrize("path", ["edge/crlf-nospace.sse", "edge/keepalive-comments.sse", "edge/no-done.sse"])
@on_loop
async def test_odd_but_right_streams_pass_unchanged(path: str) -> None:
    sent = recorded(path)
    async with FakeUpstream(sse(*pieces(sent, 10))) as upstream:
        answer, telemetry = await asked(upstream)
    assert answer.content.startswith(sent.rstrip())
    assert answer.content.count(b"[DONE]") == 1
    assert telemetry.snapshot()["endings"] == {"chat": {"complete": 1}}


@pytest.mark.parametrize("steps", [(STOP + DONE + DONE,), (STOP + DONE, DONE, DELTA), (STOP,)])
@on_loop
async def test_there_is_one_done(steps: tuple[bytes | Ending, ...]) -> None:
    async with FakeUpstream(sse(*steps)) as upstream:
        answer, _ = await asked(upstream)
    assert answer.content == STOP + DONE


@on_loop
async def test_a_stream_that_is_cut_is_told_and_accounted() -> None:
    async with FakeUpstream(sse(DELTA, b"data: {", Ending.CUT)) as upstream:
        answer, telemetry = await asked(upstream)
    last = answer.content.removeprefix(DELTA)
    assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "upstream_broken"
    assert telemetry.snapshot()["tokens_estimated"] == {"m": {"up0": {"input": 0, "output": 1}}}


@on_loop
async def test_an_endless_line_is_bounded() -> None:
    endless = [b"data: " + b"x" * (MAX_EVENT // 4)] * 20
    async with FakeUpstream(sse(DELTA, *endless, Ending.HANG)) as upstream:
        answer, _ = await asked(upstream)
        await until(lambda: upstream.open_connections == 0, "the end of the connection")
    assert answer.content.startswith(DELTA + b'data: {"error"')
    assert len(answer.content) < 1000


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", ""])
@on_loop
async def test_a_stream_under_another_name_is_one(content_type: str) -> None:
    headers = (("content-type", content_type),) if content_type else ()
    async with FakeUpstream(sse(DELTA + STOP, headers=headers)) as upstream:
        answer, _ = await asked(upstream)
    assert answer.content == DELTA + STOP + DONE


@on_loop
async def test_a_plain_answer_to_a_wish_for_a_stream_passes() -> None:
    async with FakeUpstream(Answer((PLAIN,))) as upstream:
        answer, _ = await asked(upstream)
    assert (answer.content, answer.headers["content-type"]) == (PLAIN, "application/json")


@pytest.mark.parametrize(
    "odd",
    [
        Answer((b"<html>log in</html>",), headers=(("content-type", "text/html"),)),
        Answer((), 302, (("location", "http://evil.test/"),)),
        Answer((), 307, (("location", "/v1/elsewhere"),)),
        Answer((b"x",), headers=(("content-type", "application/json"), ("content-encoding", "br"))),
        Answer((b"no gzip",), headers=(("content-type", "application/json"), ("content-encoding", "gzip"))),
    ],
    ids=["a web page", "a redirect", "a redirect to itself", "an unknown encoding", "a broken encoding"],
)
@on_loop
async def test_what_is_no_answer_is_left_for_the_next(odd: Answer) -> None:
    async with FakeUpstream(odd) as first, FakeUpstream(Answer((PLAIN,))) as second:
        answer, _ = await asked(first, second, stream=False)
        assert [request.target for request in first.requests] == ["/v1/chat/completions"]
    assert (answer.status_code, answer.content) == (200, PLAIN)
    assert answer.headers["x-routerctl-attempts"] == "2"


@pytest.mark.parametrize("stream", [True, False])
@on_loop
async def test_a_compressed_answer_is_opened(stream: bool) -> None:
    sent = DELTA + STOP + DONE if stream else PLAIN
    media = "text/event-stream" if stream else "application/json"
    headers = (("content-type", media), ("content-encoding", "gzip"))
    async with FakeUpstream(Answer(tuple(pieces(gzip.compress(sent), 7)), headers=headers)) as upstream:
        answer, telemetry = await asked(upstream, stream=stream)
        assert upstream.requests[0].header("accept-encoding") == "identity"
    assert answer.content == sent
    assert "content-encoding" not in answer.headers
    assert ("tokens" in telemetry.snapshot()) is not stream


@on_loop
async def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(b"data: " + b"x" * 50_000_000)
    async with FakeUpstream(sse(bomb, headers=(*SSE, ("content-encoding", "gzip")))) as upstream:
        answer, _ = await asked(upstream)
    assert answer.status_code == 502
    assert len(answer.content) < 1000


@on_loop
async def test_headers_of_a_connection_end_with_it_both_ways() -> None:
    given = {
        "connection": "keep-alive, x-mine",
        "x-mine": "client",
        "te": "trailers",
        "upgrade": "websocket",
        "cookie": "client",
        "x-forwarded-for": "client",
        "authorization": "Bearer client",
    }
    said = (
        ("content-type", "application/json"),
        ("connection", "x-ratelimit-mine"),
        ("x-ratelimit-mine", "upstream"),
        ("x-ratelimit-remaining-tokens", "9"),
        ("keep-alive", "timeout=5"),
        ("set-cookie", "upstream"),
        ("server", "upstream"),
        ("location", "upstream"),
        ("www-authenticate", "upstream"),
        ("access-control-allow-origin", "*"),
        ("x-routerctl-provider", "upstream"),
    )
    async with FakeUpstream(Answer((PLAIN,), headers=said)) as upstream:
        answer, _ = await asked(upstream, stream=False, headers=given)
        (request,) = upstream.requests
        assert request.header("host") == f"127.0.0.1:{upstream.port}"
    assert "client" not in repr(request.headers)
    assert request.header("authorization") == f"Bearer {KEY}"
    assert {name for name, _ in request.headers} == {
        "host",
        "authorization",
        "content-type",
        "accept-encoding",
        "content-length",
    }
    assert "upstream" not in repr(answer.headers)
    assert answer.headers["x-ratelimit-remaining-tokens"] == "9"
    assert answer.headers["x-routerctl-provider"] == "up0"
