"""One provider as a worker would build it, also one that is disabled; and what is needed to build and ask any."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.bootstrap.provider_builds import WorkerBuilder
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.settings import Reach
from reconciler.snapshot.compile import Built
from reconciler.snapshot.egress import Egress, denied, egress
from reconciler.snapshot.model import Refusal
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`listeners` are the gateway's own addresses, where they are known."""

    location: StoreLocation
    reader: Reader
    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    listeners: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A state of the store, and what of it all providers share. One is made for each question: secrets may change."""

    state: State
    policy: Egress
    builder: WorkerBuilder

    def build(self, provider: StoredResource) -> Built:
        """What the egress policy refuses by its address alone is not built, as in a worker."""
        denial = denied(provider, self.policy)
        if denial is not None:
            return Built(None, Refusal(provider.key, str(denial)))
        return self.builder.build(provider, self.state, None)


def site(around: Surroundings) -> Site:
    """Raises StoreError. Builds of earlier revisions don't count: they would hide what is wrong now."""
    state = around.reader.state()
    policy = egress(state, guarded=around.reader.guarded())
    builder = WorkerBuilder(
        around.location, around.reader, around.reach, around.environ, lambda _: None, quiet=True
    )
    return Site(state, policy, builder)
