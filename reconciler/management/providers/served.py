"""/v1/providers/{id}/models: the Models that a Provider serves, each by a Binding."""

from collections.abc import Iterable

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.providing import Linked, around, link, make_default, require_binding
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import DeclaredRoute
from reconciler.management.models.shapes import model_view, require_model
from reconciler.management.providers import operations, shapes
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
    not_there,
)
from reconciler.management.rest.shapes import check_fields, object_of, required_text, text, yes_no
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State

PATH = "/v1/providers/{id}/models"
_SENT = ("model_id", "is_default", "upstream_model", "priority", "weight", "config")
_OF_BINDING = ("priority", "weight", "config")


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Served(stores)
    one = f"{PATH}/{{model}}"
    return [
        desk.read(PATH, handlers.list, operations.LIST_SERVED),
        desk.write("POST", PATH, handlers.link, operations.LINK),
        desk.write("DELETE", one, handlers.unlink, operations.UNLINK),
        desk.write("PUT", f"{one}/default", handlers.set_default, operations.SET_DEFAULT),
    ]


def served_view(provider: ResourceKey, bindings: Iterable[StoredResource], now: Looking) -> list[JsonObject]:
    """By the Models' names."""
    models = {each.key.name: each for each in now.live("Model", provider.namespace)}
    found: list[tuple[str, JsonObject]] = []
    for binding in bindings:
        spec = binding.resource.spec
        name = str(spec.get("model"))
        if spec.get("provider") != provider.name or name not in models:
            continue
        told = model_view(models[name], now)
        view: JsonObject = {field: told[field] for field in ("id", "name", "description", "capabilities")}
        view |= {
            "is_default": spec.get("default", False),
            "upstream_model": spec.get("upstreamModel"),
            "enabled": spec.get("enabled", True),
            "created_at": now.created_at(binding),
        }
        found.append((name, view))
    return [view for _, view in sorted(found, key=lambda pair: pair[0])]


class _Served:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        key = shapes.key_of(call)
        with looking(self._stores, call.who) as now:
            now.require(key)
            models = served_view(key, now.live("Binding", key.namespace), now)
        return Answer({"provider_id": key.name, "models": [*models]})

    def link(self, call: Call) -> Answer:
        key, body = shapes.key_of(call), call.object
        check_fields(body, _SENT)
        asked = required_text(body, "model_id")
        fields: dict[tuple[str, ...], JsonValue] = {
            (name,): body[name] for name in _OF_BINDING if body.get(name) is not None
        }
        object_of(body, "config")
        default, upstream = yes_no(body, "is_default") or False, text(body, "upstream_model")

        def rewrites(state: State) -> Rewrites:
            _require_provider(key, state)
            model = require_model(key.namespace, asked, state.lasting().values()).key.name
            linked = Linked(model, upstream, default=default, fields=fields)
            return link(key.name, [linked], around(key.namespace, state.lasting().values()))

        answer = change(self._stores, call, "model link", rewrites, _view(key, asked), status=201)
        return answer.located(f"{PATH.format(id=key.name)}")

    def unlink(self, call: Call) -> Answer:
        key, asked = shapes.key_of(call), call.path("model")

        def rewrites(state: State) -> Rewrites:
            there = around(key.namespace, _required(key, state))
            model = require_model(key.namespace, asked, state.lasting().values()).key.name
            return {there.key("Binding", require_binding(key.name, model, there)): None}

        def view(_written: Written, _now: Looking) -> JsonObject:
            return {"provider_id": key.name, "model_id": asked, "deleted": True}

        return change(self._stores, call, "model unlink", rewrites, view)

    def set_default(self, call: Call) -> Answer:
        key, asked = shapes.key_of(call), call.path("model")

        def rewrites(state: State) -> Rewrites:
            there = around(key.namespace, _required(key, state))
            model = require_model(key.namespace, asked, state.lasting().values()).key.name
            return make_default(key.name, model, there)

        return change(self._stores, call, "provider edit", rewrites, _view(key, asked))


def _view(provider: ResourceKey, asked: str) -> View:
    def view(written: Written, now: Looking) -> JsonObject:
        models = [*written.alive("Model", now, provider.namespace)]
        model = require_model(provider.namespace, asked, models).key.name
        for binding in written.alive("Binding", now, provider.namespace):
            spec = binding.resource.spec
            if (spec.get("provider"), spec.get("model")) == (provider.name, model):
                return {
                    "provider_id": provider.name,
                    "model_id": model,
                    "is_default": spec.get("default", False),
                    "created_at": now.created_at(binding),
                }
        raise not_there(ResourceKey("Model", provider.namespace, asked))

    return view


def _required(provider: ResourceKey, state: State) -> Iterable[StoredResource]:
    _require_provider(provider, state)
    return state.lasting().values()


def _require_provider(provider: ResourceKey, state: State) -> None:
    if state.lasting().get(provider) is None:
        raise not_there(provider)
