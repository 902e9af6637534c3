"""How a request is served: by one machine, or by several where the policy of its Route asks for that."""

from reconciler.gateway.dispatch.alarms import Alarms as OwnAlarms
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.hedging import Hedged, Hedges
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.metering import Metered, Serve
from reconciler.gateway.dispatch.ports import Alarms, Books, Client, Talk, Transports
from reconciler.gateway.dispatch.shadowing import ShadowBooks, Shadows
from reconciler.gateway.dispatch.splitting import Shared, Surroundings
from reconciler.gateway.routing.shares import Shares
from reconciler.protocol.embedding_parts import parts_of
from reconciler.provider_types.base import Endpoint


class Conversations:
    """Those of a worker, and what they have in common."""

    def __init__(self, transports: Transports, alarms: Alarms, memory: Memory, books: ShadowBooks) -> None:
        self.alarms = alarms
        self.memory = memory
        self._transports = transports
        self._around = Surroundings(transports, alarms)
        rivals = memory.with_retries(memory.retries.of_rivals())
        self._hedges = Hedges(transports, alarms, rivals, Shares())
        self._shadows = Shadows(transports, alarms, memory, books)
        self._serving: Serve = self._serve
        """Once, and not for each request that has limits."""

    def begin(self, ask: Ask, client: Client, books: Books) -> Talk:
        """What is to be started."""
        caller = ask.client
        if caller is not None and caller.limits is not None:
            return Metered(caller.limits, ask, self._serving, self.alarms, client, books)
        if ask.policy is None:
            return Machine(ask, self._transports, self.alarms, client, books)
        return self._serve(ask, client, books)

    def close(self) -> None:
        """The worker ends, and with it what no client waits for."""
        self._shadows.close()

    def _serve(self, ask: Ask, client: Client, books: Books) -> Talk:
        policy = ask.policy
        if policy is None:
            return Machine(ask, self._transports, self.alarms, client, books)
        if policy.shadow is not None:
            self._shadows.consider(ask, policy.shadow)
        split, hedge = policy.split, policy.hedge
        if split is not None and ask.row.endpoint is Endpoint.EMBEDDINGS:
            parts = parts_of(ask.body, split.threshold, split.workers)
            if parts:
                return Shared(self._around, ask, parts, split.workers, client, books)
        if hedge is not None and len({each.candidate.upstream for each in ask.candidates}) > 1:
            return Hedged(self._hedges, ask, hedge, client, books)
        return Machine(ask, self._transports, self.alarms, client, books)


def conversations(transports: Transports, memory: Memory, books: ShadowBooks) -> Conversations:
    """With alarms of their own."""
    return Conversations(transports, OwnAlarms(), memory, books)
