"""Providers made, changed, deleted, enabled and disabled."""

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.providing import put
from reconciler.json_types import JsonObject
from reconciler.listener.access import DeclaredRoute
from reconciler.management.providers import operations, shapes
from reconciler.management.providers.defaults import made, set_default
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
    not_there,
)
from reconciler.management.rest.shapes import required_text
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

PATH = "/v1/providers"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers, one = _Providers(stores), f"{PATH}/{{id}}"
    return [
        desk.write("POST", PATH, handlers.create, operations.CREATE),
        desk.write("PUT", one, handlers.update, operations.PUT),
        desk.write("PATCH", one, handlers.update, operations.UPDATE),
        desk.write("DELETE", one, handlers.delete, operations.DELETE),
        desk.write("POST", f"{one}/enable", handlers.enable, operations.ENABLE),
        desk.write("POST", f"{one}/disable", handlers.disable, operations.DISABLE),
    ]


class _Providers:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def create(self, call: Call) -> Answer:
        body = call.object
        shapes.check(body)
        key = ResourceKey(shapes.KIND, call.namespace(), required_text(body, "id"))
        required_text(body, "type")
        config, default, _ = shapes.default_model_of(shapes.config_of(body))
        document = shapes.new_document(key, body, config)

        def rewrites(state: State) -> Rewrites:
            return made(key, document, default, state)

        answer = change(self._stores, call, "provider add", rewrites, _view(key), of=key, status=201)
        return answer.located(f"{PATH}/{key.name}")

    def update(self, call: Call) -> Answer:
        key, body = shapes.key_of(call), call.object
        shapes.check(body)
        if body.get("id", key.name) != key.name:
            raise shapes.another_name(key)
        config, default, named = shapes.default_model_of(shapes.config_of(body))

        def rewrites(state: State) -> Rewrites:
            found: Rewrites = {key: lambda whole: shapes.updated(whole, body, config)}
            return {**found, **set_default(key, default, state)} if named else found

        return change(self._stores, call, "provider edit", rewrites, _view(key), of=key)

    def delete(self, call: Call) -> Answer:
        key = shapes.key_of(call)
        return delete(
            self._stores, call, "provider remove", key, deleted(key.name), cascades=call.flag("cascade")
        )

    def enable(self, call: Call) -> Answer:
        return self._switch(call, "provider enable", on=True)

    def disable(self, call: Call) -> Answer:
        return self._switch(call, "provider disable", on=False)

    def _switch(self, call: Call, operation: str, *, on: bool) -> Answer:
        key = shapes.key_of(call)
        return change(self._stores, call, operation, {key: put({("enabled",): on})}, _view(key), of=key)


def _view(key: ResourceKey) -> View:
    def view(written: Written, now: Looking) -> JsonObject:
        stored = written.after(key, now)
        if stored is None:
            raise not_there(key)
        return shapes.provider_view(stored, now)

    return view
