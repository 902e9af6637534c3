"""GET /v1/resources, and one of them."""

from reconciler.control.stored_object import stored_object
from reconciler.json_types import JsonValue
from reconciler.listener.access import DeclaredRoute
from reconciler.management.resources import operations
from reconciler.management.resources.named import key_of, kinds_of
from reconciler.management.rest import pages, parameters
from reconciler.management.rest.handling import Answer, Call, Desk, Stores, looking

PATH = "/v1/resources"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Resources(stores)
    return [
        desk.read(PATH, handlers.list, operations.LIST),
        desk.read(f"{PATH}/{{kind}}/{{namespace}}/{{name}}", handlers.get, operations.GET),
    ]


class _Resources:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        namespace = call.namespace() if parameters.NAMESPACE.name in call.given else None
        selects, managed = pages.selector(call.given), call.flag("managedFields")
        kinds = kinds_of(call.given.get("kind"))
        with looking(self._stores, call.who) as now:
            found = [
                each for kind in kinds for each in now.records.list(kind.name, namespace) if selects(each)
            ]
        page = pages.page(found, call.given)
        items: list[JsonValue] = [stored_object(each, managed_fields=managed) for each in page.items]
        return Answer({"items": items, "total": len(found), **page.metadata()})

    def get(self, call: Call) -> Answer:
        key, managed = key_of(call), call.flag("managedFields")
        with looking(self._stores, call.who) as now:
            stored = now.require(key)
        told = stored_object(stored, managed_fields=managed)
        return Answer(told, version=stored.resource_version, whole=not managed)
