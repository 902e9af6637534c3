"""What a worker remembers of its upstreams from one request to the next."""

from dataclasses import dataclass, field

from reconciler.gateway.dispatch.usage import UsageRefusals
from reconciler.gateway.limits.limiters import Limiters
from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.retry_budget import RetryBudget


@dataclass(frozen=True, slots=True)
class Memory:
    """One a worker, shared by all its requests."""

    breakers: Breakers = field(default_factory=Breakers)
    retries: RetryBudget = field(default_factory=RetryBudget)
    usage_refusals: UsageRefusals = field(default_factory=UsageRefusals)
    limiters: Limiters = field(default_factory=Limiters)
    balance: Balance = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "balance", Balance(self.breakers))

    def with_retries(self, retries: RetryBudget) -> "Memory":
        """The same memory, for requests whose further candidates are counted there."""
        other = Memory(self.breakers, retries, self.usage_refusals, self.limiters)
        object.__setattr__(other, "balance", self.balance)
        return other
