"""What a request about records means: which of them, and that they are there."""

from datetime import UTC, datetime

from reconciler.errors import NotFound
from reconciler.management.records import filters
from reconciler.management.records.archive import Archive
from reconciler.management.records.listing import Part
from reconciler.management.rest.calls import Call
from reconciler.management.rest.stores import Stores
from reconciler.resources.principal import Role
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import SoughtRequests, TrafficReader
from reconciler.store.traffic_sessions import SessionRow


class Asked:
    def __init__(self, stores: Stores, archive: Archive) -> None:
        self.stores = stores
        self.archive = archive

    @property
    def traffic(self) -> TrafficReader:
        return self.archive.traffic

    def sought(self, call: Call) -> SoughtRequests:
        """Of the session in the path, where there is one."""
        sought = filters.sought(call, self.now())
        return sought._replace(session=call.path("id")) if "id" in call.request.path_params else sought

    def within(self, call: Call, part: Part) -> SoughtRequests:
        sought = self.sought(call)
        until = part.until if sought.until is None else min(part.until, sought.until)
        return sought._replace(until=until)

    def now(self) -> datetime:
        return self.stores.clock.now().astimezone(UTC)

    def now_ms(self) -> int:
        return int(self.now().timestamp() * 1000)

    def one(self, call: Call) -> tuple[RequestRow, Bodies | None]:
        """Bodies are for operators: they are what people wrote."""
        wanted, traffic = call.path("id"), self.traffic
        found = traffic.find(SoughtRequests(id=wanted, namespaces=call.who.namespaces), 1)
        if not found:
            raise NotFound(
                "there is no record of such a request", hint="records go when Settings retention says so"
            )
        return found[0], traffic.bodies(wanted) if call.who.role.covers(Role.OPERATOR) else None

    def session(self, call: Call) -> SessionRow:
        found = self.traffic.sessions(self.sought(call))
        if len(found) != 1:
            raise NotFound("there is no record of such a session", hint="its id is what /v1/sessions lists")
        return found[0]
