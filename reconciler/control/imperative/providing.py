"""What the commands `provider`, `model` and `set` make of resources: rewrites of single fields, pairs, defaults."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation, new
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.importing.naming import object_name
from reconciler.control.manifest.writer import document
from reconciler.errors import Conflict, NotFound
from reconciler.field_values import NAME_PATTERN
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource

Path = tuple[str, ...]
Fields: TypeAlias = Mapping[Path, JsonValue]
"""Paths below spec → their values; None takes a field away."""
SETTINGS = "default"

_NAME = re.compile(NAME_PATTERN)


def put(fields: Fields) -> Rewrite:
    """Sets whole fields: what stood in one does not stay beside."""
    return lambda whole: {**whole, "spec": with_fields(_object(whole.get("spec")), fields)}


def with_fields(spec: JsonObject, fields: Fields) -> JsonObject:
    for path, value in fields.items():
        spec = _with(spec, path, value)
    return spec


def _with(held: JsonObject, path: Path, value: JsonValue) -> JsonObject:
    name, below = path[0], path[1:]
    if below:
        inner = _with(_object(held.get(name)), below, value)
        if not inner and value is None:
            return {other: each for other, each in held.items() if other != name}
        return {**held, name: inner}
    if value is None:
        return {other: each for other, each in held.items() if other != name}
    return {**held, name: value}


@dataclass(frozen=True, slots=True)
class Around:
    """What is there of a namespace, as far as these rewrites look: by kind, by name."""

    namespace: str
    models: Collection[str] = ()
    bindings: Mapping[str, JsonObject] = field(default_factory=dict)
    """The specs of Bindings."""

    def binding_of(self, provider: str, model: str) -> str | None:
        """The name of the Binding of this pair."""
        return next(
            (
                name
                for name, spec in self.bindings.items()
                if (spec.get("provider"), spec.get("model")) == (provider, model)
            ),
            None,
        )

    def key(self, kind: str, name: str) -> ResourceKey:
        return ResourceKey(kind, self.namespace, name)


def around(namespace: str, resources: Iterable[Resource | StoredResource]) -> Around:
    found = [item.resource if isinstance(item, StoredResource) else item for item in resources]
    mine = [item for item in found if item.key.namespace == namespace]
    return Around(
        namespace,
        frozenset(item.key.name for item in mine if item.key.kind == "Model"),
        {item.key.name: item.spec for item in mine if item.key.kind == "Binding"},
    )


@dataclass(frozen=True, slots=True)
class Linked:
    """A Model that a Provider is to serve. `fields` of the Binding beside model, provider and upstreamModel."""

    model: str
    upstream: str | None = None
    default: bool = False
    fields: Fields = field(default_factory=dict)


def link(provider: str, linked: Sequence[Linked], there: Around, *, make_models: bool = False) -> Rewrites:
    """Bindings of one Provider. With `make_models` also Models that are not there; one whose name no resource can have
    (`meta-llama/Llama-3.3-70B`) gets one that is like it, and its own as an alias.

    Raises Conflict for a pair that is bound already.
    """
    rewrites: dict[ResourceKey, Rewrite | None] = {}
    taken = {*there.bindings}
    for each in linked:
        name = model_name(each.model)
        if make_models and name not in there.models:
            rewrites |= new_model(each.model, {}, there)
        if (bound := there.binding_of(provider, name)) is not None:
            raise Conflict(
                f"Provider {provider} serves Model {name} already, by Binding {bound}",
                hint="change that one with",
                command=f"patch binding/{bound} -n {there.namespace}",
            )
        upstream = each.upstream or (each.model if name != each.model else None)
        spec: JsonObject = {"model": name, "provider": provider}
        if upstream is not None and upstream != name:
            spec["upstreamModel"] = upstream
        if each.default:
            spec["default"] = True
        binding = there.key("Binding", binding_name(name, provider, taken))
        taken.add(binding.name)
        rewrites[binding] = new(binding, with_fields(spec, each.fields))
    if any(each.default for each in linked):
        rewrites |= _no_other_default(provider, there)
    return rewrites


def model_name(text: str) -> str:
    """What a Model is called that clients and upstreams call `text`."""
    return text if _NAME.match(text) else object_name(text)


def new_model(text: str, fields: Fields, there: Around) -> Rewrites:
    """A Model that answers to `text`: by its name, or where no resource can have that one, by an alias."""
    key = there.key("Model", model_name(text))
    spec = with_fields({}, fields)
    if key.name != text:
        aliases = spec.get("aliases")
        spec["aliases"] = [text, *(aliases if isinstance(aliases, list) else [])]
    return {key: new(key, spec)}


def binding_name(model: str, provider: str, taken: Collection[str]) -> str:
    """Of a new Binding: MODEL-PROVIDER, and a number behind it where that is taken."""
    stem = object_name(f"{model}-{provider}")
    used = {name.casefold() for name in taken}
    name, count = stem, 1
    while name.casefold() in used:
        count += 1
        name = f"{stem}-{count}"
    return name


def make_default(provider: str, model: str, there: Around) -> Rewrites:
    """The pair's Binding becomes the provider's default, and no other. Raises NotFound where they are not bound."""
    name = require_binding(provider, model, there)
    return {
        **_no_other_default(provider, there, but=name),
        there.key("Binding", name): put({("default",): True}),
    }


def _no_other_default(provider: str, there: Around, but: str | None = None) -> Rewrites:
    return {
        there.key("Binding", name): put({("default",): None})
        for name, spec in there.bindings.items()
        if spec.get("provider") == provider and spec.get("default") is True and name != but
    }


def require_binding(provider: str, model: str, there: Around) -> str:
    """The name of the pair's Binding. Raises NotFound, which says what the provider serves."""
    name = there.binding_of(provider, model)
    if name is None:
        served = sorted(
            str(spec.get("model")) for spec in there.bindings.values() if spec.get("provider") == provider
        )
        raise NotFound(
            f"Provider {provider} does not serve Model {model}",
            hint=f"it serves: {', '.join(served)}" if served else "no Binding names it; bind one with",
            command=None if served else f"model link {provider} MODEL -n {there.namespace}",
        )
    return name


def activate(provider: str | None, namespace: str) -> Rewrites:
    """The Settings' active provider; None: no longer any."""
    key = ResourceKey("Settings", namespace, SETTINGS)
    change = put({("activeProvider",): provider})
    spec: JsonObject = {} if provider is None else {"activeProvider": provider}
    return {key: Creation(key, lambda: document(key, {}, spec), change)}


def _object(value: JsonValue) -> JsonObject:
    return dict(value) if isinstance(value, dict) else {}
