"""From a request's bytes to what dispatch is asked: the body read, the model routed, the headers chosen that go on."""

from dataclasses import replace
from typing import Final

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.heading import TRACE_HEADER, Heading
from reconciler.gateway.endpoints.reading import read, read_headers
from reconciler.gateway.routing.decision import decide
from reconciler.gateway.routing.facts import RequestFacts
from reconciler.gateway.routing.router import Routed, known_model, route
from reconciler.gateway.routing.trace import Trace
from reconciler.protocol.errors import OpenAIError
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import Snapshot

_NOTHING: Final[frozenset[str]] = frozenset()


class Incoming:
    """A request as its connection gave it; `content_type` as `reading` found it, `began` by the loop's clock."""

    __slots__ = ("began", "client", "content_type", "heading", "raw", "request_id")

    def __init__(
        self,
        request_id: str,
        heading: Heading,
        content_type: str,
        raw: bytes,
        began: float = 0.0,
        client: Client | None = None,
    ) -> None:
        self.request_id = request_id
        self.heading = heading
        self.content_type = content_type
        self.raw = raw
        self.began = began
        self.client = client


class Asked:
    """`model` is for the books: None where the name is none that is configured."""

    __slots__ = ("ask", "model")

    def __init__(self, ask: Ask, model: str | None) -> None:
        self.ask = ask
        self.model = model


class Unserved:
    """Nobody serves it. `model` is the configured one that was meant, for the books."""

    __slots__ = ("error", "model")

    def __init__(self, error: OpenAIError, model: str | None) -> None:
        self.error = error
        self.model = model


def is_bounded(client: Client | None) -> bool:
    """Whether there is something that it may not use: then it is not told how requests are routed, either."""
    return client is not None and not (client.models is None and client.routes is None)


def ask_for(incoming: Incoming, row: EndpointRow, snapshot: Snapshot, memory: Memory) -> Asked | Unserved:
    """Raises InvalidRequest."""
    heading, client = incoming.heading, incoming.client
    headers = heading.fields
    namespace = snapshot.space_of(client)
    trace = Trace() if heading.wishes_trace and not is_bounded(client) else None
    routes = namespace.routes
    if routes is None and trace is None:
        body = read(incoming.raw, incoming.content_type)
        routed = route(namespace, body.model, row.endpoint, client)
    else:
        members: dict[str, object] = {}
        reads = _NOTHING if routes is None else routes.reads
        body = read(incoming.raw, incoming.content_type, reads, members)
        facts = RequestFacts(headers, members, stream=body.stream, client=client)
        routed = decide(namespace, body.model, row.endpoint, facts, memory.balance, incoming.began, trace)
    told = None if trace is None else trace.text(snapshot.revision)
    if not isinstance(routed, Routed):
        error = routed if told is None else replace(routed, headers=(*routed.headers, (TRACE_HEADER, told)))
        return Unserved(error, known_model(namespace, body.model))
    ask = Ask(
        row=row,
        body=body,
        model=routed.model,
        candidates=routed.candidates,
        request_id=incoming.request_id,
        revision=snapshot.revision,
        headers=heading.passed(body),
        memory=memory,
        policy=routed.policy,
        trace=told,
        client=client,
    )
    if namespace.reads:
        ask.given = read_headers(namespace.reads, headers)
    return Asked(ask, None if routed.forwarded else routed.model)
