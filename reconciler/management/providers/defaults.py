"""The Model of a Provider's default Binding."""

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.providing import Linked, around, link, make_default, put
from reconciler.control.importing.naming import object_name
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State


def set_default(provider: ResourceKey, model: str | None, state: State) -> Rewrites:
    """The provider's default Model: bound where it is not yet, and made where there is none; None: it has none any more."""
    there = around(provider.namespace, state.lasting().values())
    if model is None:
        return {
            there.key("Binding", name): put({("default",): None})
            for name, spec in there.bindings.items()
            if spec.get("provider") == provider.name and spec.get("default") is True
        }
    for name in (model, object_name(model)):
        if there.binding_of(provider.name, name) is not None:
            return make_default(provider.name, name, there)
    return link(provider.name, [Linked(model, default=True)], there, make_models=True)


def made(provider: ResourceKey, document: JsonObject, default: str | None, state: State) -> Rewrites:
    """A Provider that is not there yet, with its default Model, where one is named."""
    rewrites: Rewrites = {provider: Creation(provider, lambda: document)}
    if default is None:
        return rewrites
    there = around(provider.namespace, state.lasting().values())
    return {**rewrites, **link(provider.name, [Linked(default, default=True)], there, make_models=True)}
