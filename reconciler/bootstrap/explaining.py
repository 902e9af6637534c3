"""Where a request would go: the workers' own compile and their own decision, on what is stored and without its secrets."""

from dataclasses import dataclass

from reconciler.control.client_ready import client_refused
from reconciler.errors import NotFound
from reconciler.gateway.dispatch.spending import has_price
from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.decision import decide
from reconciler.gateway.routing.facts import Facts
from reconciler.gateway.routing.trace import Trace
from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.quota_errors import not_priced
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.clients import Client, client_of
from reconciler.snapshot.compile import EMPTY
from reconciler.snapshot.model import Routed
from reconciler.snapshot.policies import policy_words
from reconciler.snapshot.unbuilt import EveryProvider


@dataclass(frozen=True, slots=True)
class Explanation:
    """`trace.order` is that of a worker that has seen no request yet. `error` is the answer where nobody serves it."""

    revision: int
    namespace: str
    trace: Trace
    error: OpenAIError | None
    policy: tuple[str, ...] = ()
    """What the Route asks beside who serves, in words."""
    refused: str | None = None
    """Why no key of the client is accepted, where none is; all else is told as if one were."""


def client_named(state: State, namespace: str, name: str, now: float) -> tuple[Client, str | None]:
    """The client, and why no key of it is accepted. Raises NotFound."""
    stored = state.lasting().get(ResourceKey("ClientKey", namespace, name))
    if stored is None:
        raise NotFound(f"there is no ClientKey/{name}", hint="what there is", command="key list")
    refused = client_refused(stored, now)
    return client_of(stored), refused.message if refused is not None else None


def explain(
    state: State,
    namespace: str,
    asked: str | None,
    endpoint: Endpoint,
    facts: Facts,
    *,
    guarded: bool = False,
) -> Explanation:
    """Every enabled provider counts as one that is built and well, but where the egress policy, `guarded` or not, refuses it."""
    inside = [
        (key, stored) for key, stored in state.items() if key.namespace == namespace or key.kind == "Settings"
    ]
    snapshot = compiler.compile(EMPTY, inside, state.revision, EveryProvider(), guarded=guarded).snapshot
    trace = Trace()
    space = snapshot.namespace(namespace)
    decided = decide(space, asked, endpoint, facts, Balance(Breakers()), 0.0, trace)
    if trace.model is not None and not trace.skipped and _is_hidden(trace.model, asked, facts.client):
        trace.skipped.append((trace.model, "not permitted to the client: to it, it does not exist"))
    if isinstance(decided, Routed) and not _passes_budget(trace, facts.client, endpoint):
        decided = not_priced(decided.model)
    policy = decided.policy if isinstance(decided, Routed) else None
    return Explanation(
        state.revision,
        namespace,
        trace,
        decided if isinstance(decided, OpenAIError) else None,
        tuple(policy_words(policy)) if policy is not None else (),
    )


def _is_hidden(model: str, asked: str | None, client: Client | None) -> bool:
    return client is not None and not client.may_use(model, asked)


def _passes_budget(trace: Trace, client: Client | None, endpoint: Endpoint) -> bool:
    """Whether anybody is left where the client has a budget in dollars; who has no price is passed over then."""
    row = ENDPOINTS[endpoint]
    if client is None or client.limits is None or not client.limits.money or not row.counts:
        return True
    kept = tuple(each for each in trace.order if has_price(each, row))
    trace.skipped += [
        (
            each.candidate.binding or each.candidate.provider,
            "has no price, and the client has a budget in dollars",
        )
        for each in trace.order
        if each not in kept
    ]
    trace.order = kept
    return bool(kept)
