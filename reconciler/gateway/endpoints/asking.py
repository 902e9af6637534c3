"""From a request's bytes to what dispatch is asked: the body read, the model routed, the headers chosen that go on."""

from dataclasses import dataclass

from reconciler.gateway.dispatch.machine import Ask
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.reading import RawHeaders, passed, read
from reconciler.gateway.routing.router import Routed, known_model, route
from reconciler.protocol.errors import OpenAIError
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.model import Snapshot


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as its connection gave it; `content_type` as `reading` found it."""

    request_id: str
    headers: RawHeaders
    content_type: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """`model` is for the books: None where the name is none that is configured."""

    ask: Ask
    model: str | None


@dataclass(frozen=True, slots=True)
class Unserved:
    """Nobody serves it. `model` is the configured one that was meant, for the books."""

    error: OpenAIError
    model: str | None


def ask_for(incoming: Incoming, row: EndpointRow, snapshot: Snapshot, memory: Memory) -> Asked | Unserved:
    """Raises InvalidRequest."""
    body = read(incoming.raw, incoming.content_type)
    namespace = snapshot.namespace(DEFAULT_NAMESPACE)
    routed = route(namespace, body.model, row.endpoint)
    if not isinstance(routed, Routed):
        return Unserved(routed, known_model(namespace, body.model))
    ask = Ask(
        row=row,
        body=body,
        model=routed.model,
        candidates=routed.candidates,
        request_id=incoming.request_id,
        revision=snapshot.revision,
        headers=passed(row, incoming.headers, body),
        memory=memory,
    )
    return Asked(ask, None if routed.forwarded else routed.model)
