"""Routing without a store or a request: resources compiled as a worker does, and the decision on them.

space = namespace_of(simulator("p"), model("m"), binding("b", "m", "p"), route("r", targets=[{"model": "m"}]))
assert order(space, "m") == ["p:m"]
"""

from collections.abc import Iterable

from fakes.states import stored

from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.decision import decide
from reconciler.gateway.routing.facts import Facts, GivenFacts
from reconciler.gateway.routing.trace import Trace
from reconciler.json_types import JsonValue
from reconciler.protocol.errors import OpenAIError
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY
from reconciler.snapshot.model import Namespace, Routed
from reconciler.snapshot.unbuilt import EveryProvider


def route(name: str, **spec: JsonValue) -> Resource:
    return Resource(ResourceKey("Route", "default", name), spec)


def namespace_of(*resources: Resource) -> Namespace:
    return compiler.compile(EMPTY, made(resources), 7, EveryProvider()).snapshot.namespace("default")


def made(resources: Iterable[Resource]) -> list[compiler.Change]:
    return [(each.key, stored(each)) for each in resources]


def decided(
    space: Namespace,
    asked: str | None,
    facts: Facts | None = None,
    *,
    endpoint: Endpoint = Endpoint.CHAT,
    balance: Balance | None = None,
    now: float = 0.0,
    trace: Trace | None = None,
) -> Routed | OpenAIError:
    balance = balance if balance is not None else Balance(Breakers())
    return decide(space, asked, endpoint, facts or GivenFacts(), balance, now, trace)


def order(
    space: Namespace,
    asked: str | None,
    facts: Facts | None = None,
    *,
    endpoint: Endpoint = Endpoint.CHAT,
    balance: Balance | None = None,
    now: float = 0.0,
) -> list[str]:
    """provider:upstream model"""
    found = decided(space, asked, facts, endpoint=endpoint, balance=balance, now=now)
    assert isinstance(found, Routed), found
    return [f"{each.candidate.provider}:{each.upstream_model}" for each in found.candidates]


def refused(
    space: Namespace, asked: str | None, facts: Facts | None = None, *, endpoint: Endpoint = Endpoint.CHAT
) -> tuple[int, str | None]:
    found = decided(space, asked, facts, endpoint=endpoint)
    assert isinstance(found, OpenAIError), found
    return found.status, found.code
