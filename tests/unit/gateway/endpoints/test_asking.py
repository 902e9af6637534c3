import pytest
from fakes.routing import namespace_of, route
from fakes.serving import candidate, namespace, served, snapshot
from fakes.workshop import binding, model, simulator

from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.asking import Asked, Incoming, Unserved, ask_for
from reconciler.gateway.endpoints.heading import Heading
from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.clients import Client, Globs
from reconciler.snapshot.model import Snapshot

SNAPSHOT = snapshot(namespace(served("m", candidate("p")), served("lonely"), aliases={"alone": "lonely"}))


ROUTED = snapshot(
    namespace_of(
        simulator("p"),
        simulator("q"),
        model("m"),
        model("n"),
        binding("mp", "m", "p"),
        binding("nq", "n", "q"),
        route("task", match={"taskTypes": ["code"]}, targets=[{"model": "n"}]),
        route("tools", match={"capabilities": ["tools"]}, targets=[{"model": "n"}]),
        route("long", match={"promptTokens": {"min": 20}}, targets=[{"model": "n"}]),
        route("team", match={"headers": [{"name": "X-Team", "value": "a"}]}, targets=[{"model": "n"}]),
    )
)


def asked(
    raw: bytes,
    endpoint: Endpoint = Endpoint.CHAT,
    *headers: tuple[bytes, bytes],
    space: Snapshot = SNAPSHOT,
    client: Client | None = None,
) -> Asked | Unserved:
    given = {b"content-type": b"application/json", b"anthropic-beta": b"x", b"cookie": b"y", **dict(headers)}
    row = ENDPOINTS[endpoint]
    incoming = Incoming("req-1", Heading(row, given), "application/json", raw, client=client)
    return ask_for(incoming, row, space, Memory())


def test_what_can_be_served_is_asked() -> None:
    found = asked(b'{"model": "m"}', Endpoint.MESSAGES)
    assert isinstance(found, Asked)
    ask = found.ask
    assert found.model == "m"
    assert (ask.model, ask.request_id, ask.revision) == ("m", "req-1", 7)
    assert (ask.body.raw, ask.headers) == (b'{"model": "m"}', (("anthropic-beta", "x"),))
    assert [each.candidate.provider for each in ask.candidates] == ["p"]


@pytest.mark.parametrize(
    ("model", "meant", "status"), [("alone", "lonely", 503), ("nobody", None, 404), ("lonely", "lonely", 503)]
)
def test_what_nobody_serves_is_told_with_the_model_that_was_meant(
    model: str, meant: str | None, status: int
) -> None:
    unserved = asked(b'{"model": "%b"}' % model.encode())
    assert isinstance(unserved, Unserved)
    assert (unserved.error.status, unserved.model) == (status, meant)


def test_of_the_clients_headers_those_are_taken_that_templates_speak_of() -> None:
    reading = binding("b", "m", "p", config={"headers": {"X-A": "{header.X-Team}{header.X-User}{model}"}})
    space = snapshot(namespace_of(simulator("p"), model("m"), reading))
    found = asked(b'{"model": "m"}', Endpoint.CHAT, (b"x-team", b" a "), (b"x-else", b"b"), space=space)
    assert isinstance(found, Asked)
    assert found.ask.given == {"header.x-team": "a", "header.x-user": ""}
    plain = asked(b'{"model": "m"}', Endpoint.CHAT, (b"x-team", b"a"))
    assert isinstance(plain, Asked)
    assert plain.ask.given is None


def test_what_can_not_be_read_is_invalid() -> None:
    with pytest.raises(InvalidRequest):
        asked(b"[]")


@pytest.mark.parametrize(
    ("raw", "headers", "provider"),
    [
        (b'{"model": "m"}', [], "p"),
        (b'{"model": "m"}', [(b"x-task-type", b"code")], "q"),
        (b'{"model": "m", "metadata": {"task_type": "code"}}', [], "q"),
        (b'{"model": "m", "tools": [{"type": "function"}]}', [], "q"),
        (b'{"model": "m", "messages": [{"role": "user", "content": "%b"}]}' % (b"x" * 80), [], "q"),
        (b'{"model": "m", "messages": [{"role": "user", "content": "%b"}]}' % (b"x" * 76), [], "p"),
        (b'{"model": "m"}', [(b"x-team", b"a")], "q"),
        (b'{"model": "m"}', [(b"x-team", b"a,b")], "p"),
    ],
)
def test_routes_see_headers_and_body(raw: bytes, headers: list[tuple[bytes, bytes]], provider: str) -> None:
    found = asked(raw, Endpoint.CHAT, *headers, space=ROUTED)
    assert isinstance(found, Asked)
    assert [each.candidate.provider for each in found.ask.candidates] == [provider]
    assert (found.model, found.ask.trace, found.ask.body.raw) == ("m", None, raw)


def test_a_body_that_says_twice_what_routes_go_by_is_invalid() -> None:
    with pytest.raises(InvalidRequest, match="twice"):
        asked(b'{"model": "m", "tools": [], "tools": [{}]}', space=ROUTED)


@pytest.mark.parametrize("wish", [b"1", b"true"])
@pytest.mark.parametrize(("space", "decided"), [(SNAPSHOT, "route=-"), (ROUTED, "route=tools")])
def test_who_wants_to_know_is_told_how_it_was_routed(wish: bytes, space: Snapshot, decided: str) -> None:
    trace = (b"x-routerctl-trace", wish)
    found = asked(b'{"model": "m", "tools": [{}]}', Endpoint.CHAT, trace, space=space)
    assert isinstance(found, Asked)
    assert found.ask.trace is not None
    assert found.ask.trace.startswith(f"revision=7; model=m; {decided}")
    unserved = asked(b'{"model": "gone"}', Endpoint.CHAT, trace, space=space)
    assert isinstance(unserved, Unserved)
    (told,) = unserved.error.headers
    assert told[0] == "x-routerctl-trace"
    assert told[1].startswith("revision=7; model=-; route=-; order=-")
    other = asked(b'{"model": "m"}', Endpoint.CHAT, (b"x-routerctl-trace", b"0"))
    assert isinstance(other, Asked)
    assert other.ask.trace is None


@pytest.mark.parametrize(
    ("models", "routes", "told"),
    [(None, None, True), (Globs(["*"]), None, False), (None, Globs(["*"]), False)],
)
def test_who_may_not_use_everything_is_not_told(
    models: Globs | None, routes: Globs | None, *, told: bool
) -> None:
    client = Client(ResourceKey("ClientKey", "default", "c"), 1, models, routes)
    found = asked(b'{"model": "m"}', Endpoint.CHAT, (b"x-routerctl-trace", b"1"), client=client)
    assert isinstance(found, Asked)
    assert (found.ask.trace is not None) is told
