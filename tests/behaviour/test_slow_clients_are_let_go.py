"""Clients on real sockets that say too little, too slowly, or too much: each is told, and its connection ends."""

import asyncio
import json

import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.waiting import until

from reconciler.listener import slow_clients

CHAT = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
MESSAGES = CHAT.replace(b"chat/completions", b"messages")


async def told(gateway: Gateway, *pieces: bytes) -> tuple[int, dict[str, object]]:
    """What a client hears before its connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


@on_loop
async def test_each_hears_why_in_the_shape_of_its_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in ("HEAD_SECONDS", "BODY_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(slow_clients, seconds, 0.05)
    async with Gateway(snapshot(namespace(served("m", candidate(simulator("only")))))) as gateway:
        status, body = await told(gateway, CHAT)
        assert (status, code(body)) == (408, "request_timeout")
        status, body = await told(gateway, CHAT + b"content-length: 100\r\n\r\n", b"{")
        assert (status, code(body)) == (408, "request_timeout")
        status, body = await told(gateway, MESSAGES + b"content-length: 100\r\n\r\n", b"{")
        assert (status, body["type"]) == (408, "error")
        status, body = await told(gateway, CHAT, b"x-large: " + b"x" * 70_000)
        assert (status, code(body)) == (431, "request_headers_too_large")
        status, body = await told(gateway, b"PUT /v1/models HTTP/1.1\r\nhost: localhost\r\n")
        assert (status, code(body)) == (408, "request_timeout")
        await until(lambda: not gateway.telemetry.snapshot()["in_flight"], "the end of all")
        counted = gateway.telemetry.snapshot()
        assert counted["endings"] == {"chat": {"refused": 1}, "messages": {"refused": 1}}


def code(body: dict[str, object]) -> object:
    error = body["error"]
    assert isinstance(error, dict)
    return error["code"]
