"""GET /v1/providers, and one of them."""

from reconciler.json_types import JsonObject
from reconciler.listener.access import DeclaredRoute
from reconciler.management.providers import operations, shapes
from reconciler.management.providers.served import served_view
from reconciler.management.rest import pages, parameters
from reconciler.management.rest.handling import Answer, Call, Desk, Stores, looking

PATH = "/v1/providers"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Providers(stores)
    return [
        desk.read(PATH, handlers.list, operations.LIST),
        desk.read(f"{PATH}/{{id}}", handlers.get, operations.GET),
    ]


class _Providers:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        namespace = call.namespace()
        enabled = parameters.optional_flag(call.given, "enabled")
        wanted, selects = call.given.get("type"), pages.selector(call.given)
        with looking(self._stores, call.who) as now:
            found = [
                each
                for each in now.live(shapes.KIND, namespace)
                if wanted in (None, each.resource.spec.get("type"))
                and enabled in (None, each.resource.spec.get("enabled", True))
                and selects(each)
            ]
            page = pages.page(found, call.given)
            told = [shapes.provider_view(each, now) for each in page.items]
        return Answer({"providers": [*told], "total": len(found), **page.metadata()})

    def get(self, call: Call) -> Answer:
        key = shapes.key_of(call)
        with looking(self._stores, call.who) as now:
            stored = now.require(key)
            bindings = now.live("Binding", key.namespace)
            body: JsonObject = {
                **shapes.provider_view(stored, now),
                "config": shapes.config_view(stored, bindings),
                "models": [*served_view(key, bindings, now)],
            }
        return Answer(body, version=stored.resource_version)
