"""/v1/providers/{id}/config: key by key. `defaultModel` is none of the config's own: it stands for the default Binding."""

from collections.abc import Callable

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import DeclaredRoute
from reconciler.management.providers import operations, shapes
from reconciler.management.providers.defaults import set_default
from reconciler.management.rest.handling import (
    Answer,
    Call,
    Desk,
    Looking,
    Stores,
    Written,
    change,
    looking,
    not_there,
)
from reconciler.management.rest.masks import unmasked
from reconciler.management.rest.shapes import InvalidField, check_fields, object_of
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State

PATH = "/v1/providers/{id}/config"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Config(stores)
    return [
        desk.read(PATH, handlers.get, operations.GET_CONFIG),
        desk.write("PUT", PATH, handlers.put, operations.PUT_CONFIG),
        desk.write("PATCH", f"{PATH}/{{key}}", handlers.patch, operations.PATCH_CONFIG),
        desk.write("DELETE", f"{PATH}/{{key}}", handlers.delete, operations.DELETE_CONFIG),
    ]


class _Config:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def get(self, call: Call) -> Answer:
        key = shapes.key_of(call)
        with looking(self._stores, call.who) as now:
            stored = now.require(key)
            config = shapes.config_view(stored, now.live("Binding", key.namespace))
        return Answer({"provider_id": key.name, "config": config}, version=stored.resource_version)

    def put(self, call: Call) -> Answer:
        key, body = shapes.key_of(call), call.object
        wrapped = object_of(body, "config") if set(body) == {"config"} else None
        sent = wrapped if wrapped is not None else body

        def view(written: Written, now: Looking) -> JsonObject:
            stored, config = _after(written, key, now)
            return {"provider_id": key.name, "config": config, "updated_at": now.updated_at(stored)}

        return change(self._stores, call, "provider edit", _setting(key, sent), view, of=key)

    def patch(self, call: Call) -> Answer:
        key, name, body = shapes.key_of(call), call.path("key"), call.object
        check_fields(body, {"value"})
        if "value" not in body:
            raise InvalidField("value", "is needed")

        def view(written: Written, now: Looking) -> JsonObject:
            stored, config = _after(written, key, now)
            return {"key": name, "value": config.get(name), "updated_at": now.updated_at(stored)}

        return change(self._stores, call, "provider edit", _setting(key, {name: body["value"]}), view, of=key)

    def delete(self, call: Call) -> Answer:
        key, name = shapes.key_of(call), call.path("key")

        def view(_written: Written, _now: Looking) -> JsonObject:
            return {"key": name, "deleted": True}

        return change(self._stores, call, "provider edit", _setting(key, {name: None}), view, of=key)


def _setting(key: ResourceKey, sent: JsonObject) -> Callable[[State], Rewrites]:
    config, default, named = shapes.default_model_of(sent)

    def rewrites(state: State) -> Rewrites:
        if key not in state:
            raise not_there(key)
        found: Rewrites = {key: _merging(config)} if config else {}
        return {**found, **set_default(key, default, state)} if named else found

    return rewrites


def _merging(sent: JsonObject) -> Rewrite:
    def rewrite(whole: JsonObject) -> JsonValue:
        spec = object_of(whole, "spec") or {}
        held = object_of(spec, "config") or {}
        config: JsonObject = {name: value for name, value in {**held, **sent}.items() if value is not None}
        written: JsonObject = {**spec, "config": config}
        return {**whole, "spec": unmasked(shapes.KIND, written, spec)}

    return rewrite


def _after(written: Written, key: ResourceKey, now: Looking) -> tuple[StoredResource, JsonObject]:
    stored = written.after(key, now)
    if stored is None:
        raise not_there(key)
    return stored, shapes.config_view(stored, written.alive("Binding", now, key.namespace))
