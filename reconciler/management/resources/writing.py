"""Whole resources put, patched and deleted."""

from reconciler.control.stored_object import stored_object
from reconciler.json_types import JsonObject
from reconciler.listener.access import DeclaredRoute
from reconciler.management.resources import operations, patched, sent
from reconciler.management.resources.named import key_of
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
from reconciler.resources.resource import ResourceKey

PATH = "/v1/resources"


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers, one = _Resources(stores), f"{PATH}/{{kind}}/{{namespace}}/{{name}}"
    return [
        desk.write("PUT", one, handlers.put, operations.PUT),
        desk.write("PATCH", one, handlers.patch, operations.PATCH),
        desk.write("DELETE", one, handlers.delete, operations.DELETE),
    ]


class _Resources:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def put(self, call: Call) -> Answer:
        key = key_of(call)
        made = sent.whole(call, key)
        with looking(self._stores, call.who) as now:
            status = 201 if now.records.get(key) is None else 200
        answer = change(self._stores, call, "put", {key: made}, _view(key), of=key, status=status)
        return answer.located(f"{PATH}/{key.kind.lower()}/{key.namespace}/{key.name}")

    def patch(self, call: Call) -> Answer:
        key = key_of(call)
        return change(self._stores, call, "patch", {key: patched.patch(call, key)}, _view(key), of=key)

    def delete(self, call: Call) -> Answer:
        key = key_of(call)
        return delete(self._stores, call, "delete", key, deleted(key.name), cascades=call.flag("cascade"))


def _view(key: ResourceKey) -> View:
    def view(written: Written, now: Looking) -> JsonObject:
        stored = written.after(key, now)
        if stored is None:
            raise not_there(key)
        return stored_object(stored)

    return view
