"""Real handshakes, on both event loops: the workers' and the supervisor's."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from pathlib import Path

import httpx2
import openai
import pytest
import uvloop
from fakes.certificates import authority, issued
from fakes.sdk import HELLO, said
from fakes.server import CLIENT_KEY, Gateway
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.waiting import until
from starlette.types import Receive, Scope, Send

from reconciler.bootstrap.http_server import http_server
from reconciler.listener.client_certificate import certificate_names
from reconciler.listener.sockets import address_of, listen, parse_address
from reconciler.listener.tls import ServerTLS, TLSFiles
from reconciler.snapshot.model import Snapshot

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}
Test = Callable[[Path], Coroutine[None, None, None]]


def on_both_loops(test: Test) -> Callable[[Path, str], None]:
    @pytest.mark.parametrize("loop", LOOPS)
    @wraps(test)
    def run(tmp_path: Path, loop: str) -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(asyncio.wait_for(test(tmp_path), 60))

    del run.__wrapped__  # pytest would ask for its arguments
    return run


def renewed(folder: Path) -> int:
    """Another certificate and key in the same files; its serial number."""
    pair = issued("gateway", authority().pair, names=("127.0.0.1",))
    _, key = pair.write(folder, "gateway")
    Path(key).chmod(0o600)
    return pair.certificate.serial_number


def tls(folder: Path, *, client_ca: bool = False, required: bool = True) -> ServerTLS:
    renewed(folder)
    ca = authority().file if client_ca else None
    return ServerTLS(TLSFiles(str(folder / "gateway.pem"), str(folder / "gateway-key.pem"), ca, required))


def trusting(*, known: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority().file)
    if known:
        context.load_cert_chain(*authority().client())
    return context


def speaking(text: str = "one two three four", **config: object) -> Snapshot:
    return snapshot(namespace(served("m", candidate(simulator("a", text=text, chunkSize=4, **config)))))


def client(gateway: Gateway, context: ssl.SSLContext) -> openai.AsyncOpenAI:
    http = openai.DefaultAsyncHttpxClient(verify=context, trust_env=False)
    return openai.AsyncOpenAI(
        base_url=f"{gateway.url}/v1", api_key=CLIENT_KEY, max_retries=0, http_client=http
    )


async def opened(gateway: Gateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(
        "127.0.0.1", gateway.port, ssl=trusting(), server_hostname="127.0.0.1"
    )


async def shown(gateway: Gateway) -> int:
    """The serial number of the certificate that a new connection sees."""
    _, writer = await opened(gateway)
    certificate = writer.get_extra_info("peercert")
    writer.close()
    return int(certificate["serialNumber"], 16)


def post(body: bytes, *headers: str) -> bytes:
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        *headers,
    ]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode()


BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()


@on_both_loops
async def test_the_sdk_gets_answers_and_streams(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder)) as gateway, client(gateway, trusting()) as sdk:
        for _ in range(2):
            answer = await sdk.chat.completions.create(model="m", messages=HELLO)
            assert answer.choices[0].message.content == "one two three four"
        stream = await sdk.chat.completions.create(model="m", messages=HELLO, stream=True)
        assert said([chunk async for chunk in stream]) == "one two three four"
        assert [model.id async for model in sdk.models.list()] == ["m"]


@on_both_loops
async def test_one_connection_carries_many_requests_and_a_hesitating_one(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder)) as gateway:
        reader, writer = await opened(gateway)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        for hesitates in (False, True, False):
            expect = ("expect: 100-continue",) if hesitates else ()
            writer.write(post(BODY, *expect) + (b"" if hesitates else BODY))
            if hesitates:
                assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
                writer.write(BODY)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert b"one two three four" in await reader.readexactly(length)
        writer.close()


@on_both_loops
async def test_a_body_that_is_too_large_is_answered_before_the_connection_ends(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder), max_body=1000) as gateway:
        reader, writer = await opened(gateway)
        writer.write(post(b"x" * 400_000) + b"x" * 200_000)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in answer
        writer.close()


@on_both_loops
async def test_a_certificate_is_renewed_under_an_open_stream(folder: Path) -> None:
    secured = tls(folder)
    slow = Gateway(speaking("word " * 20, interval="20ms"), tls=secured)
    async with slow as gateway, client(gateway, trusting()) as sdk:
        stream = await sdk.chat.completions.create(model="m", messages=HELLO, stream=True)
        chunks = [await anext(stream)]
        serial = renewed(folder)
        assert await asyncio.to_thread(secured.renew)
        assert await shown(gateway) == serial
        chunks += [chunk async for chunk in stream]
        assert said(chunks) == "word " * 20


@on_both_loops
async def test_a_stop_does_not_wait_for_clients_that_idle(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder), grace=3600) as gateway:
        reader, writer = await opened(gateway)
        writer.write(post(BODY) + BODY)
        await reader.readuntil(b"\r\n\r\n")
        stopping = asyncio.ensure_future(gateway.stop())
        await until(stopping.done, "the end of the server")
        await reader.read()
        writer.close()


@on_both_loops
async def test_plain_http_is_no_answer_and_no_harm(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder)) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(post(BODY) + BODY)
        assert b"HTTP" not in await reader.read()
        writer.close()
        assert await shown(gateway)


@on_both_loops
async def test_pages_are_of_the_listeners_own_origin_by_its_scheme(folder: Path) -> None:
    async with (
        Gateway(speaking(), tls=tls(folder)) as gateway,
        httpx2.AsyncClient(verify=trusting(), base_url=gateway.url, trust_env=False) as http,
    ):
        for path, send in (("/v1/chat/completions", http.post), ("/v1/models", http.get)):
            own = await _sent(send, path, gateway.url)
            other = await _sent(send, path, gateway.url.replace("https", "http"))
            assert (own.status_code, other.status_code) == (200, 403), path


async def _sent(send: Callable[..., Awaitable[httpx2.Response]], path: str, origin: str) -> httpx2.Response:
    body = {"content": BODY} if path.endswith("completions") else {}
    return await send(path, headers={"origin": origin, "content-type": "application/json"}, **body)


@on_both_loops
async def test_clients_without_a_certificate_are_not_talked_to_where_one_is_required(folder: Path) -> None:
    async with Gateway(speaking(), tls=tls(folder, client_ca=True)) as gateway:
        async with client(gateway, trusting()) as stranger:
            with pytest.raises(openai.APIConnectionError):
                await stranger.chat.completions.create(model="m", messages=HELLO)
        async with client(gateway, trusting(known=True)) as friend:
            assert (await friend.chat.completions.create(model="m", messages=HELLO)).choices


@on_both_loops
async def test_an_app_is_told_whom_the_certificate_names(folder: Path) -> None:
    seen: list[tuple[tuple[str, ...], str]] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append((certificate_names(scope), scope["scheme"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    bound = listen(parse_address("127.0.0.1:0"))
    server = http_server(app, grace_seconds=1, tls=tls(folder, client_ca=True, required=False))
    serving = asyncio.ensure_future(server.serve(sockets=[bound]))
    await until(lambda: server.started)
    for known in (True, False):
        async with httpx2.AsyncClient(verify=trusting(known=known), trust_env=False) as http:
            await http.get(address_of(bound).url_by("https"))
    server.stop()
    await serving
    bound.close()
    assert seen == [(("client",), "https"), ((), "https")]
