"""A Model as the API shows it: OpenAI's object, with the seeds' fields beside it."""

import re
from collections.abc import Iterable, Mapping

from reconciler.control.importing.naming import object_name
from reconciler.control.manifest.writer import document
from reconciler.errors import NotFound
from reconciler.field_values import NAME_PATTERN
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.rest.looking import Looking
from reconciler.management.rest.shapes import (
    InvalidField,
    check_fields,
    object_of,
    optional_text,
    text,
    without_shown,
)
from reconciler.resources.resource import ResourceKey, StoredResource

KIND = "Model"
NOBODY = "routerctl"
"""Whom OpenAI's `owned_by` names where no Provider serves the Model."""

_FIELDS = {"name": "displayName", "description": "description", "capabilities": "capabilities"}
_OWN = ("aliases", "contextWindow", "maxOutputTokens", "pricing")
_TOLD = frozenset({"object", "created", "owned_by", "created_at", "updated_at", "revision", "namespace"})
_NAME = re.compile(NAME_PATTERN)


def model_view(stored: StoredResource, now: Looking, owners: Mapping[str, str] | None = None) -> JsonObject:
    spec = stored.resource.spec
    created = now.created_at(stored)
    return {
        "id": stored.key.name,
        "object": "model",
        "created": created // 1000,
        "owned_by": (owners or {}).get(stored.key.name, NOBODY),
        "name": spec.get("displayName", stored.key.name),
        "description": spec.get("description"),
        "capabilities": spec.get("capabilities", []),
        **{name: spec[name] for name in _OWN if name in spec},
        **({"labels": dict(stored.resource.labels)} if stored.resource.labels else {}),
        "created_at": created,
        "updated_at": now.updated_at(stored),
    }


def owners(bindings: Iterable[StoredResource], providers: Iterable[StoredResource]) -> Mapping[str, str]:
    """For each Model the Provider that is asked first, as far as priorities tell."""
    specs = {each.key.name: each.resource.spec for each in providers}
    found: dict[str, tuple[tuple[int, int, str], str]] = {}
    for binding in bindings:
        spec = binding.resource.spec
        model, provider = str(spec.get("model")), str(spec.get("provider"))
        of_provider = specs.get(provider)
        if of_provider is None or not (spec.get("enabled", True) and of_provider.get("enabled", True)):
            continue
        priority = _number(spec.get("priority", of_provider.get("priority", 0)))
        rank = (-priority, -_number(spec.get("weight", 1)), binding.key.name)
        if model not in found or rank < found[model][0]:
            found[model] = (rank, provider)
    return {model: provider for model, (_, provider) in found.items()}


def require_model(namespace: str, asked: str, resources: Iterable[StoredResource]) -> StoredResource:
    """The Model of this name, or with this alias. Raises NotFound."""
    models = [each for each in resources if (each.key.kind, each.key.namespace) == (KIND, namespace)]
    found = next((each for each in models if each.key.name == asked), None)
    if found is None:
        found = next((each for each in models if asked in _list(each.resource.spec.get("aliases"))), None)
    if found is None:
        raise NotFound(
            f"{ResourceKey(KIND, namespace, asked)} does not exist", hint="POST /v1/models makes one"
        )
    return found


def can(stored: StoredResource, capability: str) -> bool:
    return capability in _list(stored.resource.spec.get("capabilities"))


def name_of(asked: str) -> str:
    """Of the Model that is made for what clients ask for: itself, or what is like it and can be a name."""
    return asked if _NAME.match(asked) else object_name(asked)


def check(body: JsonObject) -> None:
    check_fields(
        body,
        {"id", "labels", *_FIELDS, *_OWN, *_TOLD},
        hint="the rest of a Model is at /v1/resources/model/NAMESPACE/NAME",
    )
    for name in ("id", "name", "description"):
        text(body, name)
    for name, value in (object_of(body, "labels") or {}).items():
        optional_text(f"labels.{name}", value)


def new_document(key: ResourceKey, asked: str, body: JsonObject) -> JsonObject:
    spec = _spec({}, body)
    if asked != key.name:
        aliases = _list(spec.get("aliases"))
        spec["aliases"] = [asked, *(each for each in aliases if each != asked)]
    labels = object_of(body, "labels")
    return document(key, {"labels": labels} if labels else {}, spec)


def updated(whole: JsonObject, body: JsonObject) -> JsonValue:
    """What is not sent stays as it is; null takes away."""
    body = without_shown(whole, body, {"displayName": "name", "capabilities": "capabilities"})
    metadata = object_of(whole, "metadata") or {}
    if "labels" in body:
        metadata = {**metadata, "labels": object_of(body, "labels")}
    return {**whole, "metadata": metadata, "spec": _spec(object_of(whole, "spec") or {}, body)}


def another_name(key: ResourceKey) -> InvalidField:
    return InvalidField(
        "id", f"is {key.name}, and can't be changed", hint="make another, and delete this one"
    )


def _spec(spec: JsonObject, body: JsonObject) -> JsonObject:
    written = dict(spec)
    for name, field in {**_FIELDS, **{name: name for name in _OWN}}.items():
        if body.get(name) is not None:
            written[field] = body[name]
        elif name in body:
            written.pop(field, None)
    return written


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
