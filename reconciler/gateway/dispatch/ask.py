"""What dispatch is asked: a client's request, read and routed."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.outcome import Headers
from reconciler.gateway.routing.router import RoutedCandidate
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.body import Body
from reconciler.protocol.header_templates import MODEL, PROVIDER, REQUEST_ID, UPSTREAM_MODEL, with_headers
from reconciler.protocol.reservation import reservation
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.endpoints import EndpointRow
from reconciler.provider_types.qwen_chats import CLIENT, SESSION
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import Policy, Upstream


@dataclass(slots=True, init=False)
class Ask:
    """`model` is the name that messages use, `headers` are those that pass.

    Its `__init__` is written out, since compiled code calls that itself, and what `dataclass` makes it interprets.
    """

    row: EndpointRow
    body: Body
    model: str
    candidates: tuple[RoutedCandidate, ...]
    request_id: str
    revision: int
    headers: Headers
    memory: Memory
    policy: Policy | None
    trace: str | None
    """How it was routed, for a client that wishes to know."""
    client: Client | None
    """Whose key came with it; None where no key is looked at."""
    cut: Failure | None
    """Why the gateway itself ends it, once it does."""
    session: bytes | None
    """The conversation that it belongs to, as the client says."""
    given: Mapping[str, str] | None
    """Of the client's headers those that templates may speak of, by their placeholders."""
    reserved: tuple[int, int] | None
    rates: Headers
    """How much is left of its client's own rates, for the answer. Those of its provider are no matter of its, then."""

    def __init__(  # noqa: PLR0913, PLR0917  its fields
        self,
        row: EndpointRow,
        body: Body,
        model: str,
        candidates: tuple[RoutedCandidate, ...],
        request_id: str,
        revision: int,
        headers: Headers = (),
        memory: Memory | None = None,
        policy: Policy | None = None,
        trace: str | None = None,
        client: Client | None = None,
        cut: Failure | None = None,
        session: bytes | None = None,
        given: Mapping[str, str] | None = None,
        reserved: tuple[int, int] | None = None,
        rates: Headers = (),
    ) -> None:
        self.row = row
        self.body = body
        self.model = model
        self.candidates = candidates
        self.request_id = request_id
        self.revision = revision
        self.headers = headers
        self.memory = Memory() if memory is None else memory
        self.policy = policy
        self.trace = trace
        self.client = client
        self.cut = cut
        self.session = session
        self.given = given
        self.reserved = reserved
        self.rates = rates

    def reservation(self) -> tuple[int, int]:
        """As `protocol.reservation`: the limits of the client and those of whoever is asked go by the same."""
        if self.reserved is None:
            body = self.body
            answers = self.row.stream is not None
            self.reserved = reservation(body.raw, body.weight, body.asked, answers=answers)
        return self.reserved

    def headers_for(self, upstream: Upstream) -> Headers:
        """Those that pass; to adapters that keep conversations apart also who asks, which goes no further."""
        if not upstream.introduces:
            return self.headers
        client, session = self.client, self.session
        told = () if client is None else ((CLIENT, f"{client.key.namespace}/{client.name}"),)
        return (*self.headers, *told, *(() if session is None else ((SESSION, session.decode("latin-1")),)))

    def rewritten(self, request: UpstreamRequest, routed: RoutedCandidate) -> UpstreamRequest:
        """With the headers that the candidate's Binding sets."""
        candidate = routed.candidate
        if candidate.headers is None:
            return request
        known = {
            **(self.given or {}),
            MODEL: self.body.model or self.model,
            UPSTREAM_MODEL: routed.upstream_model,
            PROVIDER: candidate.provider,
            REQUEST_ID: self.request_id,
        }
        return request._replace(headers=with_headers(request.headers, candidate.headers.headers(known)))
