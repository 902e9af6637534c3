"""Keys of clients at the listener, byte for byte: who is let in, what they see, and when it ends."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType

import pytest
from fakes.conversation import SSE
from fakes.in_process import Answers, Wire, asking
from fakes.keys import client_key, clients_of
from fakes.loop import on_loop
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.transports import ScriptedTransports
from fakes.waiting import until

from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.json_types import JsonObject
from reconciler.provider_types.endpoints import ENDPOINTS, EndpointRow
from reconciler.resources.resource import Resource
from reconciler.secrets.key_text import KeyText, mint
from reconciler.snapshot.clients import NO_CLIENTS, Clients
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry

TEAM, SMALL, FAR = mint("rk"), mint("rk"), mint("rk")
HERE = namespace(
    served("big", candidate(simulator("p"))),
    served("small", candidate(simulator("q", text="small"))),
    aliases={"grande": "big"},
)
THERE = namespace(served("remote", candidate(simulator("r"))))
DECLARED = (
    client_key("team", TEAM),
    client_key("small", SMALL, models=["small", "grande"]),
    client_key("far", FAR, namespace="there"),
)
CHAT: JsonObject = {"model": "big", "messages": [{"role": "user", "content": "hello"}]}
DELTA = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]}\n\n'


def in_force(*declared: Resource, required: bool = True) -> Snapshot:
    made = snapshot(HERE)
    spaces = MappingProxyType({"default": HERE, "there": THERE})
    return replace(made, namespaces=spaces, clients=clients_of(*declared, required=required))


class Gateway:
    def __init__(
        self, current: Snapshot, scripted: ScriptedTransports | None = None, *, closed: bool = False
    ) -> None:
        self.registry, self.pool, self.telemetry = Registry(), TransportPool(), Telemetry()
        self.plane = data_plane(self.registry, scripted or self.pool, self.telemetry, closed=closed)
        self.registry.listen(self.plane.published)
        self.registry.publish(current)

    def keys(self, clients: Clients) -> None:
        current = self.registry.current
        assert current is not None
        self.registry.publish(replace(current, revision=current.revision + 1, clients=clients))


@asynccontextmanager
async def gateway(
    current: Snapshot | None = None, scripted: ScriptedTransports | None = None, *, closed: bool = False
) -> AsyncIterator[Gateway]:
    made = Gateway(in_force(*DECLARED) if current is None else current, scripted, closed=closed)
    yield made
    made.plane.close()
    await made.pool.aclose()


async def ask(
    plane: DataPlane,
    key: KeyText | str | None,
    body: JsonObject | None = None,
    path: str = "/v1/chat/completions",
    more: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, JsonObject]:
    text = key.text if isinstance(key, KeyText) else key
    headers = {**({} if text is None else {"authorization": f"Bearer {text}"}), **more}
    async with asking(plane) as client:
        answer = await client.request("GET" if body is None else "POST", path, json=body, headers=headers)
    found: JsonObject = answer.json()
    return answer.status_code, found


def code(answer: tuple[int, JsonObject]) -> tuple[int, object]:
    error = answer[1].get("error")
    assert isinstance(error, dict)
    return answer[0], error.get("code", error.get("type"))


def names(answer: tuple[int, JsonObject]) -> list[object]:
    data = answer[1]["data"]
    assert isinstance(data, list)
    return [each["id"] for each in data if isinstance(each, dict)]


@on_loop
async def test_a_key_lets_in_and_says_where_and_for_what() -> None:
    async with gateway() as made:
        plane = made.plane
        assert (await ask(plane, TEAM, {**CHAT}))[0] == 200
        assert (await ask(plane, None, {**CHAT}, more={"x-api-key": TEAM.text}))[0] == 200
        assert (await ask(plane, SMALL, {**CHAT, "model": "grande"}))[0] == 200
        assert code(await ask(plane, SMALL, {**CHAT})) == (404, "model_not_found")
        assert (await ask(plane, FAR, {**CHAT, "model": "remote"}))[0] == 200
        assert code(await ask(plane, FAR, {**CHAT})) == (404, "model_not_found")
        assert names(await ask(plane, TEAM, path="/v1/models")) == ["big", "grande", "small"]
        assert names(await ask(plane, SMALL, path="/v1/models")) == ["grande", "small"]
        assert names(await ask(plane, FAR, path="/v1/models")) == ["remote"]
        assert (await ask(plane, SMALL, path="/v1/models/grande"))[0] == 200
        assert code(await ask(plane, SMALL, path="/v1/models/big")) == (404, "model_not_found")


@pytest.mark.parametrize("row", ENDPOINTS.values(), ids=lambda row: row.path)
@on_loop
async def test_every_endpoint_refuses_who_has_no_key_in_its_own_words(row: EndpointRow) -> None:
    async with gateway() as made:
        refused = [await ask(made.plane, key, {**CHAT}, row.path) for key in (None, "rk-canary", mint("rk"))]
    bodies = [json.dumps(answer) for _, answer in refused]
    assert [status for status, _ in refused] == [401, 401, 401]
    assert all("canary" not in body for body in bodies)
    anthropic = row.path.startswith("/v1/messages")
    assert all(('"authentication_error"' in body) is anthropic for body in bodies)
    assert bodies[1] == bodies[2]


@pytest.mark.parametrize(
    "path",
    ["/v1/models", "/v1/models/big", "/v1/models/a/b", "/v1/responses/x", "/v1/responses/x/input_items"],
)
@on_loop
async def test_so_does_every_other_path(path: str) -> None:
    async with gateway() as made:
        assert code(await ask(made.plane, None, path=path)) == (401, "missing_api_key")
        assert code(await ask(made.plane, "nobody", path=path)) == (401, "invalid_api_key")
        assert (await ask(made.plane, None, path="/healthz"))[0] == 200


@on_loop
async def test_a_refusal_says_what_is_wanted_and_asks_for_no_body() -> None:
    async with gateway() as made:
        wire = Wire(made.plane)
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n")
        await until(lambda: bool(Answers(wire.received).whole), "the answer")
        (status, headers, _), *_rest = Answers(wire.received).whole
        assert (status, dict(headers)[b"www-authenticate"]) == (401, b'Bearer realm="routerctl"')


@on_loop
async def test_whoever_has_a_key_may_come_under_any_name() -> None:
    far = {"host": "llm.example.com", "origin": "https://app.example.com", "sec-fetch-site": "cross-site"}
    async with gateway() as made:
        assert (await ask(made.plane, TEAM, {**CHAT}, more=far))[0] == 200
        assert (await ask(made.plane, TEAM, path="/v1/models", more=far))[0] == 200
        made.keys(NO_CLIENTS)
        assert (await ask(made.plane, TEAM, {**CHAT}, more=far))[0] == 421
        assert (await ask(made.plane, TEAM, path="/v1/models", more=far))[0] == 421


@on_loop
async def test_without_keys_none_is_looked_at_and_a_closed_listener_answers_nobody() -> None:
    async with gateway(in_force(*DECLARED, required=False)) as made:
        assert (await ask(made.plane, "nobody's", {**CHAT}))[0] == 200
    async with gateway(in_force(*DECLARED, required=False), closed=True) as made:
        assert code(await ask(made.plane, TEAM, {**CHAT})) == (403, "keys_required")
        assert code(await ask(made.plane, TEAM, path="/v1/models")) == (403, "keys_required")
        assert (await ask(made.plane, None, path="/readyz"))[0] == 200
        made.keys(clients_of(*DECLARED))
        assert (await ask(made.plane, TEAM, {**CHAT}))[0] == 200


def posted(key: KeyText, body: JsonObject, length: int | None = None) -> bytes:
    raw = json.dumps(body).encode()
    head = f"host: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer {key.text}\r\n"
    told = len(raw) if length is None else length
    return f"POST /v1/chat/completions HTTP/1.1\r\n{head}content-length: {told}\r\n\r\n".encode() + raw


@on_loop
async def test_a_connection_that_stays_open_is_asked_anew_for_each_request() -> None:
    async with gateway() as made:
        wire = Wire(made.plane)
        for number, status in ((1, 200), (2, 200)):
            wire.send(posted(TEAM, {**CHAT}))
            await until(lambda count=number: len(Answers(wire.received).whole) == count, "the answer")  # type: ignore[misc]
            assert Answers(wire.received).whole[-1][0] == status
        made.keys(clients_of(client_key("team", TEAM, enabled=False)))
        wire.send(posted(TEAM, {**CHAT}))
        await until(lambda: len(Answers(wire.received).whole) == 3, "the refusal")
        assert Answers(wire.received).whole[-1][0] == 401


STREAM: JsonObject = {**CHAT, "stream": True}


@on_loop
async def test_a_stream_of_a_revoked_key_ends_with_an_error_event() -> None:
    scripted = ScriptedTransports(lambda _: None)
    async with gateway(scripted=scripted) as made:
        wire, other = Wire(made.plane), Wire(made.plane)
        wire.send(posted(TEAM, STREAM))
        other.send(posted(SMALL, {**STREAM, "model": "small"}))
        first, second = scripted.exchanges
        for exchange in (first, second):
            exchange.sink.head(200, SSE)
            exchange.sink.data(DELTA)
        made.keys(clients_of(client_key("small", SMALL, models=["nothing"])))
        assert first.cancelled
        assert not second.cancelled
        (status, _, body), *_rest = Answers(wire.received).whole
        *_, last, empty = body.split(b"\n\n")
        assert (status, empty) == (200, b"")
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "invalid_api_key"
        assert not Answers(other.received).whole
        made.keys(clients_of())
        assert second.cancelled
        assert made.telemetry.in_flight == 0


@on_loop
async def test_a_request_that_waits_for_its_answer_or_its_body_gets_a_401() -> None:
    scripted = ScriptedTransports(lambda _: None)
    async with gateway(scripted=scripted) as made:
        waiting, halfway = Wire(made.plane), Wire(made.plane)
        waiting.send(posted(TEAM, {**CHAT}))
        halfway.send(posted(TEAM, {**CHAT}, length=1000))
        made.keys(clients_of())
        for wire in (waiting, halfway):
            await until(lambda each=wire: bool(Answers(each.received).whole), "the answer")  # type: ignore[misc]
            assert Answers(wire.received).whole[0][0] == 401
        (exchange,) = scripted.exchanges
        assert exchange.cancelled
        assert made.telemetry.in_flight == 0


@on_loop
async def test_a_request_that_began_without_a_key_goes_on_when_keys_are_asked_for() -> None:
    scripted = ScriptedTransports(lambda _: None)
    async with gateway(in_force(required=False), scripted=scripted) as made:
        wire = Wire(made.plane)
        wire.send(posted(TEAM, STREAM))
        (exchange,) = scripted.exchanges
        exchange.sink.head(200, SSE)
        exchange.sink.data(DELTA)
        made.keys(clients_of(*DECLARED))
        assert not exchange.cancelled


@on_loop
async def test_no_upstream_is_sent_a_clients_key() -> None:
    scripted = ScriptedTransports(lambda _: None)
    async with gateway(scripted=scripted) as made:
        wire = Wire(made.plane)
        raw = posted(TEAM, {**CHAT}).replace(b"host:", f"x-api-key: {TEAM.text}\r\nhost:".encode())
        wire.send(raw)
        (exchange,) = scripted.exchanges
        assert TEAM.text not in repr(exchange.request)
