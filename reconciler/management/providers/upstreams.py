"""/v1/providers/{id}/test, /reload and /reset: what is asked of a Provider's upstream, and of the workers that serve it."""

from collections.abc import Sequence
from typing import Protocol

from reconciler.control.model_sync import Choice, Synced
from reconciler.control.provider_report import ProviderReport
from reconciler.listener.access import DeclaredRoute
from reconciler.management.providers import operations, shapes
from reconciler.management.rest.handling import Answer, Call, Desk, Stores, looking
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey

PATH = "/v1/providers/{id}"


class Upstreams(Protocol):
    """All of it blocks, and raises RouterctlError."""

    def examine(self, provider: ResourceKey, *, chat: bool, model: str | None) -> ProviderReport:
        """Built as a worker would build it, and asked."""
        ...

    def sync(self, namespace: str, providers: Sequence[str], choice: Choice) -> tuple[Synced, ...]:
        """For /v1/models/sync."""
        ...

    def reset(self, providers: Sequence[ResourceKey], who: Principal) -> int:
        """What failed there is forgotten; by how many live workers."""
        ...

    def reload(self, who: Principal) -> None:
        """All workers are replaced, one after the other."""
        ...


def routes(desk: Desk, stores: Stores, upstreams: Upstreams) -> list[DeclaredRoute]:
    handlers = _Upstreams(stores, upstreams)
    return [
        desk.write("POST", f"{PATH}/test", handlers.test, operations.TEST),
        desk.write("POST", f"{PATH}/reload", handlers.reload, operations.RELOAD),
        desk.write("POST", f"{PATH}/reset", handlers.reset, operations.RESET),
    ]


class _Upstreams:
    def __init__(self, stores: Stores, upstreams: Upstreams) -> None:
        self._stores = stores
        self._upstreams = upstreams

    def test(self, call: Call) -> Answer:
        """Nothing is written, and what is wrong with the provider is no error of the request."""
        key = self._present(call)
        model = call.given.get("model")
        report = self._upstreams.examine(key, chat=call.flag("chat") or model is not None, model=model)
        return Answer({"id": key.name, "healthy": report.ok, **report.data()})

    def reset(self, call: Call) -> Answer:
        key = self._present(call)
        return Answer({"id": key.name, "workers": self._upstreams.reset([key], call.who)})

    def reload(self, call: Call) -> Answer:
        key = self._present(call)
        live = self._upstreams.reset([key], call.who)
        now = self._stores.clock.now().timestamp()
        refused = any(
            provider == str(key) for row in self._stores.observations.live(now) for provider, _ in row.refused
        )
        if refused:
            self._upstreams.reload(call.who)
        return Answer({"id": key.name, "reloaded": live > 0, "workers": live, "replacing": refused})

    def _present(self, call: Call) -> ResourceKey:
        key = shapes.key_of(call)
        with looking(self._stores, call.who) as now:
            now.require(key)
        return key
