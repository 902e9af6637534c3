"""What commands read of the records of requests."""

from collections.abc import Sequence
from typing import Protocol

from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import Dimension, Group, Portion, SoughtRequests
from reconciler.store.traffic_sessions import SessionRow


class Traffic(Protocol):
    """Records of requests; `store.traffic_query.TrafficReader` says what each method means."""

    def find(
        self, sought: SoughtRequests, limit: int | None = None, *, after: int = 0, offset: int = 0
    ) -> Sequence[RequestRow]: ...

    def portion(self, sought: SoughtRequests, after: int = 0) -> Portion: ...

    def sessions(self, sought: SoughtRequests) -> Sequence[SessionRow]: ...

    def get(self, request_id: str) -> RequestRow | None: ...

    def bodies(self, request_id: str) -> Bodies | None: ...

    def last(self) -> int: ...

    def groups(self, by: Sequence[Dimension], sought: SoughtRequests) -> Sequence[Group]: ...
