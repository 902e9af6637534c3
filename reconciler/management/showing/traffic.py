"""Records of requests, of the namespaces that a principal sees."""

from collections.abc import Sequence

from reconciler.api.traffic import Traffic
from reconciler.management.showing.seeing import require_namespace
from reconciler.resources.principal import Principal
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import Dimension, Group, Portion, SoughtRequests
from reconciler.store.traffic_sessions import SessionRow


class ShownTraffic:
    """Fits api.records.Traffic."""

    def __init__(self, traffic: Traffic, who: Principal) -> None:
        self._traffic = traffic
        self._who = who

    def find(
        self, sought: SoughtRequests, limit: int | None = None, *, after: int = 0, offset: int = 0
    ) -> Sequence[RequestRow]:
        return self._traffic.find(self._within(sought), limit, after=after, offset=offset)

    def portion(self, sought: SoughtRequests, after: int = 0) -> Portion:
        return self._traffic.portion(self._within(sought), after)

    def sessions(self, sought: SoughtRequests) -> Sequence[SessionRow]:
        return self._traffic.sessions(self._within(sought))

    def get(self, request_id: str) -> RequestRow | None:
        found = self._traffic.get(request_id)
        return found if found is not None and self._who.sees(found.namespace) else None

    def bodies(self, request_id: str) -> Bodies | None:
        return self._traffic.bodies(request_id) if self.get(request_id) is not None else None

    def last(self) -> int:
        return self._traffic.last()

    def groups(self, by: Sequence[Dimension], sought: SoughtRequests) -> Sequence[Group]:
        return self._traffic.groups(by, self._within(sought))

    def _within(self, sought: SoughtRequests) -> SoughtRequests:
        """Raises Forbidden where the namespace that is meant is not seen."""
        if sought.namespace is not None:
            require_namespace(self._who, sought.namespace)
        return sought._replace(namespaces=self._who.namespaces)
