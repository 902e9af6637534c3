"""All endpoints of the table, in process, with a scripted upstream: paths, bodies, headers, errors and streams."""

import asyncio
import json
from collections.abc import Callable, Mapping

import httpx2
import pytest
from fakes.conversation import JSON, SSE
from fakes.in_process import asking
from fakes.serving import KEY, candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.transports import ScriptedExchange, ScriptedTransports
from fakes.wire import recorded

from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.ports import Transports
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.pool import TransportPool
from reconciler.protocol.error_shapes import ANTHROPIC
from reconciler.protocol.multipart import MULTIPART
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS, EndpointRow
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig, build
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry

FORM = "multipart/form-data; boundary=b"
PARTS = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n\0\xff\r\n'
MODEL = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n%b\r\n--b--\r\n'
BODY = {
    "model": "m",
    "messages": [{"role": "user", "content": "hi"}],
    "prompt": "hi",
    "input": "hi",
    "query": "hi",
    "max_tokens": 9,
}


def passing() -> Snapshot:
    config = OpenAICompatibleConfig.model_validate({"baseURL": "http://up.test/v1"})
    upstream = http_upstream("up", "http://up.test/v1")
    object.__setattr__(upstream, "adapter", build(config, {"apiKey": KEY}))
    return snapshot(namespace(served("m", candidate(upstream))))


SIMULATED = snapshot(namespace(served("m", candidate(simulator("sim", text="one two", chunkSize=3)))))


class Stand:
    """The app, asked by an ASGI client. `status` to `parts` are what every upstream answers."""

    def __init__(
        self,
        *parts: bytes,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = JSON,
        failure: Failure | None = None,
        force: Snapshot | None = None,
        transports: Callable[[], Transports] | None = None,
    ) -> None:
        def opened(exchange: ScriptedExchange) -> None:
            asyncio.get_running_loop().call_soon(play, exchange)

        def play(exchange: ScriptedExchange) -> None:
            exchange.sink.head(status, headers)
            for part in parts:
                exchange.sink.data(part)
            if failure is None:
                exchange.sink.end()
            else:
                exchange.sink.error(failure, "it failed")

        self.scripted = ScriptedTransports(opened)
        self._transports = transports or (lambda: self.scripted)
        self.telemetry = Telemetry()
        self._registry = Registry()
        self._registry.publish(force or passing())

    def send(
        self, path: str, content: bytes, headers: Mapping[str, str], method: str = "POST"
    ) -> httpx2.Response:
        async def whole() -> httpx2.Response:
            plane = data_plane(self._registry, self._transports(), self.telemetry)
            async with asking(plane) as client:
                return await client.request(method, path, content=content, headers=dict(headers))

        return asyncio.run(whole())

    def ask(self, endpoint: Endpoint, **members: object) -> httpx2.Response:
        body = json.dumps({**BODY, **members}).encode()
        return self.send(ENDPOINTS[endpoint].path, body, {"content-type": "application/json"})

    @property
    def sent(self) -> ScriptedExchange:
        (exchange,) = self.scripted.exchanges
        return exchange


def simulated() -> Stand:
    return Stand(force=SIMULATED, transports=TransportPool)


JSON_ROWS = [row for row in ENDPOINTS.values() if "application/json" in row.takes]
FORM_ROWS = [row for row in ENDPOINTS.values() if MULTIPART in row.takes]


def label(row: EndpointRow) -> str:
    return row.label


@pytest.mark.parametrize("row", JSON_ROWS, ids=label)
def test_a_json_body_reaches_the_upstream_with_its_own_name_of_the_model(row: EndpointRow) -> None:
    stand = Stand(b'{"x": 1}')
    answer = stand.ask(row.endpoint)
    assert (answer.status_code, answer.content) == (200, b'{"x": 1}')
    request = stand.sent.request
    assert request.url == f"http://up.test{row.path}"
    assert json.loads(request.body) == {**BODY, "model": "upstream-model"}
    assert dict(request.headers)["content-type"] == "application/json"
    books = stand.telemetry.snapshot()
    assert books["requests"] == {row.label: {"m": {"up": {"2xx": 1}}}}
    assert ("tokens_estimated" in books) is row.estimates


@pytest.mark.parametrize("row", FORM_ROWS, ids=label)
def test_a_form_reaches_the_upstream_and_only_its_model_differs(row: EndpointRow) -> None:
    stand = Stand(b"\0\xff", headers=(("content-type", "application/octet-stream"),))
    answer = stand.send(row.path, PARTS + MODEL % b"m", {"content-type": FORM})
    assert (answer.status_code, answer.content) == (200, b"\0\xff")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert stand.sent.request.body == PARTS + MODEL % b"upstream-model"
    assert dict(stand.sent.request.headers)["content-type"] == FORM


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=label)
def test_another_media_type_is_refused_in_the_endpoints_shape(row: EndpointRow) -> None:
    for content_type in {"application/json", FORM, "text/plain"}:
        if content_type.partition(";")[0] in row.takes:
            continue
        stand = Stand()
        answer = stand.send(row.path, b"{}", {"content-type": content_type})
        assert answer.status_code == 415
        assert (answer.json().get("type") == "error") is (row.errors is ANTHROPIC)
        assert stand.scripted.exchanges == []


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=label)
def test_refusals_are_in_the_endpoints_shape(row: EndpointRow) -> None:
    """By the guard, the routes, the reading of the body, routing, and the upstream."""
    multipart = "application/json" not in row.takes
    content_type = {"content-type": FORM if multipart else "application/json"}
    unknown = MODEL % b"nope" if multipart else b'{"model": "nope"}'
    known = MODEL % b"m" if multipart else b'{"model": "m"}'
    down = Stand(status=503, headers=())
    answers = [
        Stand().send(row.path, unknown, {**content_type, "host": "evil.test"}),
        Stand().send(row.path, b"", {}, method="PATCH"),
        Stand().send(row.path, b"", {}, method="GET"),
        Stand().send(row.path, b"nonsense", content_type),
        Stand().send(row.path, unknown, content_type),
        down.send(row.path, known, content_type),
    ]
    assert [answer.status_code for answer in answers] == [421, 415, 405, 400, 404, 503]
    for answer in answers:
        body = answer.json()
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(body["error"]["message"], str)
        assert (body.get("type") == "error") is (row.errors is ANTHROPIC)
        assert ("code" in body["error"]) is (row.errors is not ANTHROPIC)


@pytest.mark.parametrize("row", JSON_ROWS, ids=label)
def test_nothing_of_the_clients_but_anthropics_own_headers_goes_on(row: EndpointRow) -> None:
    hostile = {
        "x-api-key": "sk-client",
        "authorization": "Bearer sk-client",
        "cookie": "sk-client",
        "anthropic-version": "2026-10-21",
        "anthropic-beta": "tools",
        "x-forwarded-host": "sk-client",
        "accept": "sk-client",
    }
    stand = Stand(b"{}")
    body = json.dumps(BODY).encode()
    path = f"{row.path}?beta=true&key=sk-client"
    stand.send(path, body, {"content-type": "application/json", **hostile})
    headers = dict(stand.sent.request.headers)
    assert "sk-client" not in repr((headers, stand.sent.request.url))
    assert headers["authorization"] == f"Bearer {KEY}"
    assert ("anthropic-beta" in headers) is (headers.get("x-api-key") == KEY) is (row.errors is ANTHROPIC)


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=label)
def test_the_simulator_serves_what_it_can_and_the_rest_is_not_found(row: EndpointRow) -> None:
    multipart = "application/json" not in row.takes
    body = MODEL % b"m" if multipart else json.dumps(BODY).encode()
    answer = simulated().send(row.path, body, {"content-type": FORM if multipart else "application/json"})
    able = row.endpoint in next(iter(SIMULATED.upstreams.values())).endpoints
    assert answer.status_code == (200 if able else 404)
    if not able:
        assert answer.json()["error"]["code"] == "endpoint_not_served"


@pytest.mark.parametrize(
    "method_and_path", [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items")]
)
def test_a_stored_response_can_not_be_routed_and_that_is_said(method_and_path: tuple[str, str]) -> None:
    method, rest = method_and_path
    answer = Stand().send(f"/v1/responses/resp_1{rest}", b"{}", {"content-type": "application/json"}, method)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "response_not_kept")


@pytest.mark.parametrize("endpoint", [Endpoint.CHAT, Endpoint.COMPLETIONS])
def test_a_client_that_asks_for_no_usage_sees_none_of_it(endpoint: Endpoint) -> None:
    """Byte for byte what the simulator says where nobody asks, but for ids and times."""
    stand = simulated()
    streamed = stand.ask(endpoint, stream=True).content
    asking = simulated().ask(endpoint, stream=True, stream_options={"include_usage": True}).content
    assert b"usage" not in streamed
    assert asking.count(b'"usage": null') == streamed.count(b"data:") - 1
    assert asking.count(b'"choices": [], "usage": {') == 1
    tokens = stand.telemetry.snapshot()["tokens"]
    assert tokens == {"m": {"sim": {"input": 1, "output": 2}}}


@pytest.mark.parametrize(
    ("endpoint", "path", "usage"),
    [
        (Endpoint.MESSAGES, "anthropic/stream-text.sse", {"input": 12, "output": 30}),
        (Endpoint.MESSAGES, "anthropic/stream-tool-use.sse", None),
        (Endpoint.RESPONSES, "openai-responses/lmstudio-stream-tool-call.sse", {"input": 182, "output": 61}),
    ],
)
def test_recorded_streams_pass_and_are_counted(
    endpoint: Endpoint, path: str, usage: dict[str, int] | None
) -> None:
    recording = recorded(path)
    stand = Stand(*(recording[at : at + 50] for at in range(0, len(recording), 50)), headers=SSE)
    answer = stand.ask(endpoint, stream=True)
    assert answer.content.rstrip() == recording.rstrip()
    counted = stand.telemetry.snapshot()
    assert counted["endings"] == {ENDPOINTS[endpoint].label: {"complete": 1}}
    assert "tokens_estimated" not in counted
    assert usage is None or counted["tokens"] == {"m": {"up": usage}}


@pytest.mark.parametrize("path", ["anthropic/text.json", "anthropic/thinking.json"])
def test_recorded_messages_pass_and_are_counted(path: str) -> None:
    recording = recorded(path)
    usage = json.loads(recording)["usage"]
    stand = Stand(recording)
    assert stand.ask(Endpoint.MESSAGES).content == recording
    counted = {"input": usage["input_tokens"], "output": usage["output_tokens"]}
    assert stand.telemetry.snapshot()["tokens"] == {"m": {"up": counted}}


@pytest.mark.parametrize(
    "failure", [Failure.BROKEN, Failure.TIMEOUT, None], ids=["cut", "slow", "ended early"]
)
@pytest.mark.parametrize(
    ("endpoint", "begun"),
    [
        (Endpoint.CHAT, b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'),
        (
            Endpoint.RESPONSES,
            b'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n',
        ),
        (Endpoint.MESSAGES, b'event: message_start\ndata: {"type":"message_start","message":{}}\n\n'),
        (Endpoint.IMAGE_GENERATIONS, b'data: {"type":"image_generation.partial_image"}\n\n'),
    ],
)
def test_a_broken_stream_ends_with_an_error_of_its_protocol(
    endpoint: Endpoint, begun: bytes, failure: Failure | None
) -> None:
    stand = Stand(begun, b"event: half", headers=SSE, failure=failure)
    answer = stand.ask(endpoint, stream=True)
    assert answer.content.startswith(begun)
    last = answer.content[len(begun) :]
    assert last.endswith(b"\n\n")
    assert last.startswith(b"event: error\n") is (endpoint in {Endpoint.RESPONSES, Endpoint.MESSAGES})
    told = json.loads(last.partition(b"data: ")[2])
    assert "provider's stream" in told["error"]["message"]
    assert told.get("sequence_number") == (1 if endpoint is Endpoint.RESPONSES else None)
    assert stand.telemetry.snapshot()["endings"] == {ENDPOINTS[endpoint].label: {"broken": 1}}


def test_an_upstreams_error_of_openais_shape_becomes_anthropics() -> None:
    """Servers that speak both answer so; and the key that one repeats is struck out."""
    said = {"error": {"code": 400, "message": f"{KEY} is too long", "type": "invalid_request_error"}}
    answer = Stand(json.dumps(said).encode(), status=400).ask(Endpoint.MESSAGES)
    error = {"type": "invalid_request_error", "message": "*** is too long"}
    assert (answer.status_code, answer.json()) == (400, {"type": "error", "error": error})


def test_an_upstreams_error_of_anthropics_passes_as_it_is() -> None:
    (exchange,) = json.loads(recorded("anthropic/exchange-error-400.json"))
    body = json.dumps(exchange["response"]["body"]).encode()
    answer = Stand(body, status=400).ask(Endpoint.MESSAGES)
    assert answer.content == body
