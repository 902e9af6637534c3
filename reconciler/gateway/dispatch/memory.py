"""What a worker remembers of its upstreams from one request to the next."""

from dataclasses import dataclass, field

from reconciler.gateway.dispatch.usage import UsageRefusals
from reconciler.gateway.routing.breaker import Breakers
from reconciler.gateway.routing.retry_budget import RetryBudget


@dataclass(frozen=True, slots=True)
class Memory:
    """One a worker, shared by all its requests."""

    breakers: Breakers = field(default_factory=Breakers)
    retries: RetryBudget = field(default_factory=RetryBudget)
    usage_refusals: UsageRefusals = field(default_factory=UsageRefusals)
