"""What the management API asks of upstreams, and of the workers that serve them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.bootstrap import provider_resets, reload_requests
from reconciler.bootstrap.model_sync import sync_models
from reconciler.bootstrap.provider_test import Asked, examine_provider
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.upstreams.building import Surroundings
from reconciler.clock import Clock
from reconciler.control.model_sync import Choice, Synced
from reconciler.control.provider_report import ProviderReport
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey
from reconciler.settings import Reach
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class ServedUpstreams:
    """Fits management.providers.upstreams.Upstreams."""

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    reach: Reach
    listeners: tuple[tuple[str, int], ...] = ()

    def examine(self, provider: ResourceKey, *, chat: bool, model: str | None) -> ProviderReport:
        with open_reader(self.location) as reader:
            around = Surroundings(self.location, reader, self.reach, self.environ, self.listeners)
            return examine_provider(around, provider, Asked(chat, model))

    def sync(self, namespace: str, providers: Sequence[str], choice: Choice) -> tuple[Synced, ...]:
        with open_reader(self.location) as reader:
            around = Surroundings(self.location, reader, self.reach, self.environ, self.listeners)
            return sync_models(around, namespace, providers, choice)

    def reset(self, providers: Sequence[ResourceKey], who: Principal) -> int:
        return provider_resets.reset(providers, self.location, self.clock, who).live

    def reload(self, who: Principal) -> None:
        reload_requests.ask(self.location, self.clock, who)
