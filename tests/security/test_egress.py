"""Where a manifest may aim the gateway, and the keys that go along (hostile cases 3, 4 and 7): nowhere that its policy has not."""

import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest
from fakes.certificates import authority, issued
from fakes.linting import linted
from fakes.loop import on_loop
from fakes.running import Running, routerctl, running, said, served_by
from fakes.server import Gateway
from fakes.serving import KEY, candidate, http_upstream, namespace, served, snapshot
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.gateway.transport.egress import EgressGate, own_listeners
from reconciler.gateway.transport.pool import TransportPool
from reconciler.json_types import JsonObject
from reconciler.snapshot.egress import egress_of_spec

BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
CHAT = json.dumps(
    {"id": "x", "object": "chat.completion", "choices": [], "usage": {"total_tokens": 1}}
).encode()


# --- case 3: what a manifest may not say --------------------------------------------------------------------------

NEVER = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "unix:///var/run/docker.sock",
    "http://u:p@api.example.com/v1",
    "http://api.example.com@169.254.169.254/v1",
    "http://api.example.com/v1#@evil.example",
    "http://api.example.com/v1?x=@evil.example",
    "http://api.example.com\\\\@evil.example/v1",
    "http://2852039166/latest",
    "http://0xa9fea9fe/latest",
    "http://0251.0376.0251.0376/latest",
    "http://169.254.43518/latest",
    "http://169.254.169.254/latest",
    "http://169.254.169.254./latest",
    "http://[::ffff:169.254.169.254]/latest",
    "http://[::ffff:127.0.0.1]/v1",
    "http://[64:ff9b::a9fe:a9fe]/latest",
    "http://[fe80::1]/v1",
    "http://[fe80::1%25eth0]/v1",
    "http://[fd00:ec2::254]/latest",
    "http://0.0.0.0:8484/v1",
    "http://[::]:8484/v1",
    "http://metadata.google.internal/v1",
    "http://api.example.com./v1",
    "http://\u2460\u2461\u2466.0.0.1/v1",
    "http://api.exämple.com/v1",
]


@pytest.mark.parametrize("url", NEVER)
def test_case_3_a_base_url_that_misleads_is_refused_by_validate(url: str) -> None:
    spec = {"type": "openai-compatible", "config": {"baseURL": url}}
    manifest = f"kind: Provider\nmetadata: {{name: p}}\nspec: {json.dumps(spec)}\n"
    errors = [each for each in linted(manifest).findings if each.field == "spec.config.baseURL"]
    assert [each.rule for each in errors] == ["invalid"]


# --- case 3: what is refused where a connection is made -----------------------------------------------------------


@asynccontextmanager
async def aimed(host: str, gate: EgressGate) -> AsyncIterator[tuple[Gateway, FakeUpstream]]:
    """A gateway whose provider is `host`, on the port of an upstream on loopback."""
    async with FakeUpstream(answered) as upstream:
        port = upstream.url.rpartition(":")[2]
        pool = TransportPool(gate=gate)
        candidates = candidate(http_upstream("near", f"http://{host}:{port}"))
        async with Gateway(snapshot(namespace(served("m", candidates))), pool=pool) as gateway:
            yield gateway, upstream


async def answered(_: ReceivedRequest) -> Answer:
    return Answer((CHAT,))


def gate(spec: JsonObject) -> EgressGate:
    made = EgressGate()
    made.enforce(egress_of_spec({"egress": spec}, guarded=True))
    return made


async def asked(gateway: Gateway, *, stream: bool = False) -> httpx2.Response:
    headers = {"content-type": "application/json"}
    body = BODY.replace("{", '{"stream": true, ', 1) if stream else BODY
    async with gateway.http() as http:
        return await http.post("/v1/chat/completions", content=body, headers=headers)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("stream", [False, True])
def test_case_3_what_is_local_gets_no_request_and_the_client_no_address(host: str, *, stream: bool) -> None:
    @on_loop
    async def whole() -> None:
        async with aimed(host, gate({})) as (gateway, upstream):
            answer = await asked(gateway, stream=stream)
            assert answer.status_code == 502
            assert "may not be reached by this gateway" in answer.text
            assert "127.0.0.1" not in answer.text
            assert upstream.connections == 0

    whole()


@on_loop
async def test_case_3_what_is_allowed_is_asked() -> None:
    async with aimed("localhost", gate({"allow": [{"host": "localhost"}]})) as (gateway, upstream):
        assert (await asked(gateway)).status_code == 200
        assert upstream.connections == 1


@on_loop
async def test_case_3_the_gateway_itself_is_no_provider_whatever_is_allowed() -> None:
    async with FakeUpstream(answered) as upstream:
        port = upstream.port
        own = EgressGate(own_listeners([("0.0.0.0", port)]))
        own.enforce(egress_of_spec({"egress": {"allow": [{"network": "0.0.0.0/0"}]}}))
        for host in ("127.0.0.1", "127.0.0.7", "localhost"):
            candidates = candidate(http_upstream("loop", f"http://{host}:{port}/v1"))
            async with Gateway(
                snapshot(namespace(served("m", candidates))), pool=TransportPool(gate=own)
            ) as gateway:
                assert (await asked(gateway)).status_code == 502
        assert upstream.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_case_4_a_redirect_takes_no_key_anywhere(status: int) -> None:
    @on_loop
    async def whole() -> None:
        async with FakeUpstream(answered) as target:

            async def redirects(_: ReceivedRequest) -> Answer:
                return Answer((), status, (("location", f"{target.url}/chat/completions"),))

            async with FakeUpstream(redirects) as upstream:
                space = namespace(served("m", candidate(http_upstream("r", upstream.url))))
                async with Gateway(snapshot(space)) as gateway:
                    answer = await asked(gateway)
                    assert answer.status_code >= 500
                    assert "location" not in answer.headers
                    assert KEY not in answer.text
            assert target.connections == 0

    whole()


# --- a running gateway: TLS before it, the first token, and the line that is told ---------------------------------


class Upstream(BaseHTTPRequestHandler):
    hits = 0

    def do_POST(self) -> None:
        type(self).hits += 1
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(CHAT)))
        self.end_headers()
        self.wfile.write(CHAT)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def local_upstream() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def certificate(folder: Path) -> tuple[str, str]:
    cert, key = issued("gateway", authority().pair, names=("127.0.0.1",)).write(folder, "gateway")
    Path(key).chmod(0o600)
    return cert, key


def code(gateway: Running, http: httpx2.Client) -> int:
    return http.post(
        f"{gateway.data_url}/v1/chat/completions", content=BODY, headers={"content-type": "application/json"}
    ).status_code


def test_case_3_the_first_token_closes_what_is_local_until_a_line_allows_it(tmp_path: Path) -> None:
    db = tmp_path / "r.db"
    cert, key = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=authority().file)
    with local_upstream() as port:
        provider = {"type": "openai-compatible", "config": {"baseURL": f"http://127.0.0.1:{port}/v1"}}
        (tmp_path / "m.yaml").write_text(served_by("m", provider))
        routerctl(db, "apply", "-f", str(tmp_path / "m.yaml"))
        with (
            running("serve", "--workers", "2", "--tls-cert", cert, "--tls-key", key, db=db) as gateway,
            httpx2.Client(verify=trusting, trust_env=False, timeout=30) as http,
        ):
            assert code(gateway, http) == 200
            assert said(db, "token", "create", "ci", "--cut-off").code == 0
            line = f"- {{network: 127.0.0.1, ports: [{port}]}}"
            gateway.wait(lambda: routerctl(db, "status").count(line) == 1, "the refusal, with its line")
            gateway.wait(lambda: code(gateway, http) == 503, "the end of what was allowed")
            before = Upstream.hits
            assert [code(gateway, http) for _ in range(8)] == [503] * 8
            assert Upstream.hits == before
            assert "EgressDenied" in routerctl(db, "describe", "provider", "m")
            settings = f"apiVersion: routerctl.dev/v1\nkind: Settings\nmetadata: {{name: default}}\nspec:\n  egress:\n    allow:\n    {line}\n"
            (tmp_path / "s.yaml").write_text(settings)
            routerctl(db, "apply", "-f", str(tmp_path / "s.yaml"), "--wait")
            assert code(gateway, http) == 200
            renewed = certificate(tmp_path)
            assert renewed == (cert, key)
            wanted = Path(cert).read_text(encoding="ascii").strip()
            gateway.wait(lambda: shown(gateway) == wanted, "the renewed certificate")
            assert gateway.stop() == 0


def shown(gateway: Running) -> str:
    host, _, port = gateway.data_url.removeprefix("https://").rpartition(":")
    return ssl.get_server_certificate((host, int(port))).strip()
