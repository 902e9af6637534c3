from dataclasses import replace

from fakes.conversation import ask
from fakes.serving import candidate

from reconciler.gateway.dispatch.ask import Ask
from reconciler.protocol.body import read_request
from reconciler.protocol.header_templates import header_templates
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import RoutedCandidate


def test_what_is_not_said_is_nothing() -> None:
    body = read_request(b'{"model": "m"}')
    first = Ask(ENDPOINTS[Endpoint.CHAT], body, "m", (), "req-1", 7)
    second = Ask(ENDPOINTS[Endpoint.CHAT], body, "m", (), "req-2", 7)
    assert first.headers == ()
    assert first.memory is not second.memory  # what one remembers is no other's by accident


def test_two_that_ask_the_same_are_equal() -> None:
    first, second = ask("a"), ask("a")
    second.memory, second.candidates = first.memory, first.candidates
    assert first == second
    assert first != ask("b")


REQUEST = UpstreamRequest("POST", "http://p.test/", (("authorization", "k"), ("x-team", "declared")), b"{}")


def test_a_request_is_as_its_adapter_made_it_where_its_binding_sets_no_header() -> None:
    assert ask("p").rewritten(REQUEST, RoutedCandidate(candidate("p"), "up")) is REQUEST


def test_what_a_binding_sets_takes_the_place_of_what_its_provider_declares() -> None:
    templates = header_templates(
        {"X-Team": "{header.X-Team}", "X-Of": "{model} {upstreamModel} {provider} {requestId}"}
    )
    routed = RoutedCandidate(replace(candidate("p"), headers=templates), "up")
    asked = ask("p")
    told = f"{asked.body.model} up p {asked.request_id}"
    assert asked.rewritten(REQUEST, routed).headers == (*REQUEST.headers, ("x-of", told))
    asked.given = {"header.x-team": "blue", "model": "made up"}
    assert asked.rewritten(REQUEST, routed).headers == (
        REQUEST.headers[0],
        ("x-team", "blue"),
        ("x-of", told),
    )


def test_who_asks_is_told_to_adapters_that_keep_conversations_apart_and_to_no_other() -> None:
    client = Client(ResourceKey("ClientKey", "team", "search"), 1)
    asked = replace(ask("p"), headers=(("x-passed", "1"),), client=client, session=b"s-\xe9")
    upstream = candidate("p").upstream
    assert asked.headers_for(upstream) is asked.headers
    told = asked.headers_for(replace(upstream, introduces=True))
    assert told == (("x-passed", "1"), ("x-routerctl-client", "team/search"), ("x-session-id", "s-\xe9"))
    nobody = replace(asked, client=None, session=None)
    assert nobody.headers_for(replace(upstream, introduces=True)) == (("x-passed", "1"),)
