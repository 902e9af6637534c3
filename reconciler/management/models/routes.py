"""/v1/models"""

from urllib.parse import quote

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.json_types import JsonObject
from reconciler.listener.access import DeclaredRoute
from reconciler.management.models import operations, shapes, sync
from reconciler.management.rest import pages
from reconciler.management.rest.handling import (
    Answer,
    Call,
    Desk,
    Looking,
    Stores,
    View,
    Written,
    change,
    delete,
    deleted,
    looking,
    not_there,
)
from reconciler.management.rest.shapes import required_text
from reconciler.resources.resource import ResourceKey

PATH = "/v1/models"


def routes(desk: Desk, stores: Stores, syncing: sync.Syncing) -> list[DeclaredRoute]:
    """A name in a path may hold slashes: an alias is a name, too."""
    handlers = _Models(stores)
    one = f"{PATH}/{{id:path}}"
    return [
        *sync.routes(desk, stores, syncing),
        desk.read(PATH, handlers.list, operations.LIST),
        desk.write("POST", PATH, handlers.create, operations.CREATE),
        desk.read(one, handlers.get, operations.GET),
        desk.write("PUT", one, handlers.update, operations.PUT),
        desk.write("PATCH", one, handlers.update, operations.UPDATE),
        desk.write("DELETE", one, handlers.delete, operations.DELETE),
    ]


class _Models:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        namespace, selects = call.namespace(), pages.selector(call.given)
        wanted = call.given.get("capability")
        with looking(self._stores, call.who) as now:
            owners = shapes.owners(now.live("Binding", namespace), now.live("Provider", namespace))
            found = [
                each
                for each in now.live(shapes.KIND, namespace)
                if selects(each) and (wanted is None or shapes.can(each, wanted))
            ]
            page = pages.page(found, call.given)
            told = [shapes.model_view(each, now, owners) for each in page.items]
        return Answer({"object": "list", "data": [*told], "total": len(found), **page.metadata()})

    def get(self, call: Call) -> Answer:
        namespace, asked = call.namespace(), call.path("id")
        with looking(self._stores, call.who) as now:
            stored = shapes.require_model(namespace, asked, now.live(shapes.KIND, namespace))
            owners = shapes.owners(now.live("Binding", namespace), now.live("Provider", namespace))
            return Answer(shapes.model_view(stored, now, owners), version=stored.resource_version)

    def create(self, call: Call) -> Answer:
        body = call.object
        shapes.check(body)
        asked = required_text(body, "id")
        key = ResourceKey(shapes.KIND, call.namespace(), shapes.name_of(asked))
        document = shapes.new_document(key, asked, body)
        rewrites: Rewrites = {key: Creation(key, lambda: document)}
        answer = change(self._stores, call, "model add", rewrites, _view(key), of=key, status=201)
        return answer.located(f"{PATH}/{quote(key.name)}")

    def update(self, call: Call) -> Answer:
        body = call.object
        shapes.check(body)
        key = self._key(call)
        if body.get("id", key.name) not in (key.name, call.path("id")):
            raise shapes.another_name(key)
        rewrites: Rewrites = {key: lambda whole: shapes.updated(whole, body)}
        return change(self._stores, call, "model edit", rewrites, _view(key), of=key)

    def delete(self, call: Call) -> Answer:
        key = self._key(call)
        return delete(
            self._stores, call, "model remove", key, deleted(key.name), cascades=call.flag("cascade")
        )

    def _key(self, call: Call) -> ResourceKey:
        """The name of a Model never changes, so that it holds for what is written after."""
        namespace, asked = call.namespace(), call.path("id")
        with looking(self._stores, call.who) as now:
            return shapes.require_model(namespace, asked, now.live(shapes.KIND, namespace)).key


def _view(key: ResourceKey) -> View:
    def view(written: Written, now: Looking) -> JsonObject:
        stored = written.after(key, now)
        if stored is None:
            raise not_there(key)
        owners = shapes.owners(now.live("Binding", key.namespace), now.live("Provider", key.namespace))
        return shapes.model_view(stored, now, owners)

    return view
