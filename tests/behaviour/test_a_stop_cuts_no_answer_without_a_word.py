"""SIGTERM under a hundred open streams: they finish; where the grace is not enough, each ends with an error event."""

import asyncio
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes.loop import HANGS, on_loop
from fakes.running import routerctl, running, simulator
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream
from fakes.waiting import until

STREAMS = 100
SSE = (("content-type", "text/event-stream"),)
DELTA = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


class Stream:
    """One that is asked for. `seen` is all that came; a reset raises."""

    def __init__(self, port: int) -> None:
        self.seen = b""
        self._port = port

    async def read(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = json.dumps({**CHAT, "stream": True}).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(body), body))
        while piece := await reader.read(65536):
            self.seen += piece
        writer.close()


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.slow
def test_a_hundred_streams_are_finished_and_nothing_new_is_taken(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(simulator("m", text="abcdefghij" * 2, chunkSize=1, interval="50ms"))
    db = tmp_path / "store.db"
    routerctl(db, "apply", "-f", str(tmp_path / "m.yaml"))
    with running("serve", "--workers", "2", db=db) as gateway:
        port = urlsplit(gateway.data_url).port or 0

        async def scenario() -> list[Stream]:
            streams = [Stream(port) for _ in range(STREAMS)]
            reading = [asyncio.create_task(stream.read()) for stream in streams]
            await until(lambda: all(stream.seen for stream in streams), "the first bytes of all")
            gateway.process.terminate()
            await until(lambda: refuses(port), "no new connections")
            async with asyncio.timeout(HANGS):
                await asyncio.gather(*reading)
            return streams

        for stream in asyncio.run(scenario()):
            assert stream.seen.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
            assert stream.seen.count(b'"content": "') >= 20
        assert gateway.process.wait(40) == 0
        assert gateway.pids_left() == set()


@on_loop
async def test_where_the_grace_is_over_each_stream_ends_with_an_error_event() -> None:
    async with FakeUpstream(Answer((DELTA, Ending.HANG), headers=SSE)) as upstream:
        only = snapshot(namespace(served("m", candidate(http_upstream("up", upstream.url)))))
        async with Gateway(only) as gateway:
            streams = [Stream(gateway.port) for _ in range(STREAMS)]
            reading = [asyncio.create_task(stream.read()) for stream in streams]
            await until(lambda: all(DELTA in stream.seen for stream in streams), "the first bytes of all")
            await gateway.stop()
            await asyncio.gather(*reading)
            for stream in streams:
                assert stream.seen.count(b'"gateway_stopping"') == 1
                assert stream.seen.endswith(b"\r\n0\r\n\r\n")
            assert gateway.telemetry.snapshot()["endings"] == {"chat": {"broken": STREAMS}}
            assert gateway.telemetry.snapshot()["in_flight"] == 0
