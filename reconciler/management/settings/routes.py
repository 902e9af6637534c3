"""/v1/settings"""

from collections.abc import Mapping

from reconciler.control.imperative.providing import SETTINGS, Path
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.listener.access import DeclaredRoute
from reconciler.management.rest.handling import (
    Answer,
    Call,
    Desk,
    Looking,
    Stores,
    View,
    Written,
    change,
    looking,
)
from reconciler.management.rest.masks import masked
from reconciler.management.rest.shapes import InvalidField, check_fields, object_of
from reconciler.management.settings import keys, operations
from reconciler.management.settings.setting import setting
from reconciler.resources.resource import ResourceKey

PATH = "/v1/settings"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Settings(stores)
    one = f"{PATH}/{{key}}"
    return [
        desk.read(PATH, handlers.list, operations.LIST),
        desk.write("POST", f"{PATH}/bulk", handlers.bulk, operations.BULK),
        desk.read(one, handlers.get, operations.GET),
        desk.write("PUT", one, handlers.put, operations.PUT),
        desk.write("DELETE", one, handlers.delete, operations.DELETE),
    ]


class _Settings:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        key = _key(call)
        with looking(self._stores, call.who) as now:
            stored = now.records.get(key)
        version = stored.resource_version if stored is not None else None
        return Answer(_all(stored.resource.spec if stored is not None else {}), version=version)

    def get(self, call: Call) -> Answer:
        key, name = _key(call), call.path("key")
        path = keys.path_of(name)
        with looking(self._stores, call.who) as now:
            stored = now.records.get(key)
            value = value_at(masked(keys.KIND, stored.resource.spec), path) if stored is not None else None
            if stored is None or value is None:
                raise NotFound(f"{name} is not set in the namespace {key.namespace}")
            told: JsonObject = {"key": name, "value": value, "updated_at": now.updated_at(stored)}
        return Answer(told, version=stored.resource_version)

    def put(self, call: Call) -> Answer:
        name, body = call.path("key"), call.object
        check_fields(body, {"value"})
        if body.get("value") is None:
            raise InvalidField("value", "is needed", hint="DELETE takes a setting away")
        path = keys.path_of(name)
        key = _key(call)

        def view(written: Written, now: Looking) -> JsonObject:
            stored = written.after(key, now)
            spec = masked(keys.KIND, stored.resource.spec) if stored is not None else {}
            updated = now.updated_at(stored) if stored is not None else None
            return {"key": name, "value": value_at(spec, path), "updated_at": updated}

        return self._set(call, {path: keys.value_of(path, body["value"])}, view)

    def delete(self, call: Call) -> Answer:
        name = call.path("key")
        return self._set(
            call, {keys.path_of(name): None}, lambda _written, _now: {"key": name, "deleted": True}
        )

    def bulk(self, call: Call) -> Answer:
        key, body = _key(call), call.object
        wrapped = object_of(body, "settings") if set(body) == {"settings"} else None
        sent = wrapped if wrapped is not None else body
        fields: dict[Path, JsonValue] = {}
        for name, value in sent.items():
            path = keys.path_of(name)
            fields[path] = keys.value_of(path, value)

        def view(written: Written, now: Looking) -> JsonObject:
            stored = written.after(key, now)
            return _all(stored.resource.spec if stored is not None else {})

        return self._set(call, fields, view)

    def _set(self, call: Call, fields: Mapping[Path, JsonValue], view: View) -> Answer:
        key = _key(call)
        return change(self._stores, call, "settings", setting(key, fields), view, of=key)


def _all(spec: JsonObject) -> JsonObject:
    return {"settings": dict(keys.keys_of(masked(keys.KIND, spec)))}


def _key(call: Call) -> ResourceKey:
    return ResourceKey(keys.KIND, call.namespace(), SETTINGS)
