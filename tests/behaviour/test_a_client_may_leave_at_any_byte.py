"""Clients that leave at random bytes of their request or of the answer: the upstream's connection ends, and the books
know of each once. Real sockets both ways, closed properly or with a reset.
"""

import asyncio
import json
from random import Random

import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream
from fakes.waiting import turns, until
from sizes import seed, size

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"%d"},"finish_reason":null}]}\n\n'
STREAM = Answer(
    (*(EVENT % number for number in range(5)), Ending.HANG), headers=(("content-type", "text/event-stream"),)
)
PLAIN = Answer((b'{"choices": [', b'{"message": {"content": "hi"}}', Ending.HANG))


def request(*, stream: bool) -> bytes:
    body = json.dumps({"model": "m", "messages": [], **({"stream": True} if stream else {})}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    return head + b"content-length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.torture
@on_loop
async def test_its_upstream_is_let_go_and_it_is_counted_once() -> None:
    draw = Random(seed("leaving"))
    begun = 0
    async with FakeUpstream() as upstream:
        only = snapshot(namespace(served("m", candidate(http_upstream("up", upstream.url)))))
        async with Gateway(only) as gateway:
            for _ in range(size("LEAVING_CLIENTS")):
                stream = draw.random() < 0.6
                upstream.answer = STREAM if stream else PLAIN
                sent = request(stream=stream)
                at = draw.choice((len(sent), draw.randrange(len(sent))))
                asked = len(upstream.requests)
                reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
                writer.write(sent[:at])
                if at == len(sent):
                    await until(lambda: len(upstream.requests) > asked, "the request")  # noqa: B023  waited for here
                    await reader.read(draw.randrange(1, 400))
                    assert upstream.open_connections == 1
                else:
                    await turns(draw.randrange(5))
                begun += sent[:at].find(b"\r\n\r\n") >= 0
                writer.transport.abort() if draw.random() < 0.5 else writer.close()
                await until(lambda: not upstream.open_connections, "the end of the upstream's")
                await gateway.idle()
            await until(lambda: counted(gateway) == begun, "the count of all")


def counted(gateway: Gateway) -> int:
    endings = gateway.telemetry.snapshot().get("endings", {})
    assert isinstance(endings, dict)
    assert set(endings) <= {"chat"}
    of_chat = endings.get("chat", {})
    assert isinstance(of_chat, dict)
    assert set(of_chat) <= {"gone"}
    return int(str(of_chat.get("gone", 0)))
