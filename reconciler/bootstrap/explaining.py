"""Where a request would go: the workers' own compile and their own decision, on what is stored and without its secrets."""

from dataclasses import dataclass

from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.decision import decide
from reconciler.gateway.routing.facts import Facts
from reconciler.gateway.routing.trace import Trace
from reconciler.protocol.errors import OpenAIError
from reconciler.provider_types.base import Endpoint
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
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


def explain(state: State, namespace: str, asked: str | None, endpoint: Endpoint, facts: Facts) -> Explanation:
    """Every enabled provider counts as one that is built and well."""
    inside = [(key, stored) for key, stored in state.items() if key.namespace == namespace]
    snapshot = compiler.compile(EMPTY, inside, state.revision, EveryProvider()).snapshot
    trace = Trace()
    space = snapshot.namespace(namespace)
    decided = decide(space, asked, endpoint, facts, Balance(Breakers()), 0.0, trace)
    policy = decided.policy if isinstance(decided, Routed) else None
    return Explanation(
        state.revision,
        namespace,
        trace,
        decided if isinstance(decided, OpenAIError) else None,
        tuple(policy_words(policy)) if policy is not None else (),
    )
