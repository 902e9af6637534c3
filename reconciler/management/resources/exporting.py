"""/v1/export: all that there is, as manifests."""

from reconciler.control.manifest.writer import export
from reconciler.json_types import MAX_SAFE_INTEGER
from reconciler.listener.access import DeclaredRoute
from reconciler.management.resources import operations
from reconciler.management.resources.named import kinds_of
from reconciler.management.rest import bodies, parameters
from reconciler.management.rest.handling import Answer, Call, Desk, Stores, looking

PATH = "/v1/export"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    return [desk.read(PATH, _Export(stores).export, operations.EXPORT)]


class _Export:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def export(self, call: Call) -> Answer:
        namespace = call.namespace() if parameters.NAMESPACE.name in call.given else None
        kinds = {kind.name for kind in kinds_of(call.given.get("kind"))}
        number = parameters.number(call.given, "revision", least=0, most=MAX_SAFE_INTEGER)
        with looking(self._stores, call.who) as now:
            state = now.records.state() if number is None else now.records.state_at(number)
        found = [
            stored
            for key, stored in state.lasting().items()
            if key.kind in kinds and namespace in (None, key.namespace)
        ]
        return Answer(export(found), headers={"content-type": bodies.YAML})
