"""A Provider as the API shows it, and what may be sent of it."""

from collections.abc import Iterable

from reconciler.control.manifest.writer import document
from reconciler.control.plan.differ import owned_content
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.rest.call import Call
from reconciler.management.rest.looking import Looking
from reconciler.management.rest.masks import masked, unmasked
from reconciler.management.rest.shapes import (
    InvalidField,
    check_fields,
    object_of,
    optional_text,
    text,
    without_shown,
    yes_no,
)
from reconciler.resources.resource import ResourceKey, StoredResource

KIND = "Provider"
DEFAULT_MODEL = "defaultModel"
"""Among the keys of a config: the Model of the provider's default Binding."""

_FIELDS = {
    "name": "displayName",
    "type": "type",
    "enabled": "enabled",
    "priority": "priority",
    "description": "description",
}
_SECOND = 1000
_TOLD = frozenset({"created_at", "updated_at", "namespace", "revision", "models"})
"""What an answer says and nobody can send: passed over, so that what was read can be sent back."""
_OTHERS = (
    "for health, limits, retry and whatever else a Provider has, use /v1/resources/provider/NAMESPACE/NAME"
)


def key_of(call: Call) -> ResourceKey:
    """The Provider of the path. Raises Forbidden for a namespace that who asks may not look into."""
    return ResourceKey(KIND, call.namespace(), call.path("id"))


def provider_view(stored: StoredResource, looking: Looking) -> JsonObject:
    spec = stored.resource.spec
    return {
        "id": stored.key.name,
        "name": spec.get("displayName", stored.key.name),
        "type": spec.get("type"),
        "enabled": spec.get("enabled", True),
        "priority": spec.get("priority", 0),
        "description": spec.get("description"),
        **({"labels": dict(stored.resource.labels)} if stored.resource.labels else {}),
        "created_at": looking.created_at(stored),
        "updated_at": looking.updated_at(stored),
    }


def config_view(stored: StoredResource, bindings: Iterable[StoredResource]) -> JsonObject:
    """What people wrote of it: defaults go without saying. Secrets are masked, and `timeout` is milliseconds."""
    written: JsonObject = {"spec": stored.resource.spec}
    if stored.managed_fields:
        written = owned_content(stored)
    config = dict(object_of(masked(KIND, object_of(written, "spec") or {}), "config") or {})
    if "timeout" in config:
        config["timeout"] = _in_milliseconds(config["timeout"])
    default = default_model(stored.key, bindings)
    return {**config, DEFAULT_MODEL: default} if default is not None else config


def _in_milliseconds(written: JsonValue) -> JsonValue:
    """As such APIs have it, however it was written; below a second as it stands, since such a number is taken for a slip."""
    value = milliseconds(written) if isinstance(written, str | int) else 0
    return value if value >= _SECOND else written


def default_model(provider: ResourceKey, bindings: Iterable[StoredResource]) -> str | None:
    return next(
        (str(spec["model"]) for spec in specs_of(provider, bindings) if spec.get("default") is True), None
    )


def specs_of(provider: ResourceKey, bindings: Iterable[StoredResource]) -> list[JsonObject]:
    return [
        each.resource.spec
        for each in bindings
        if each.key.namespace == provider.namespace and each.resource.spec.get("provider") == provider.name
    ]


def check(body: JsonObject) -> None:
    """Raises InvalidField for what is no field of a Provider here, or of another type."""
    check_fields(body, {"id", "config", "labels", *_FIELDS, *_TOLD}, hint=_OTHERS)
    for name in ("id", "name", "type", "description"):
        text(body, name)
    yes_no(body, "enabled")
    for name, value in (object_of(body, "labels") or {}).items():
        optional_text(f"labels.{name}", value)
    object_of(body, "config")


def config_of(body: JsonObject) -> JsonObject | None:
    return object_of(body, "config")


def another_name(key: ResourceKey) -> InvalidField:
    return InvalidField(
        "id", f"is {key.name}, and can't be changed", hint="make another, and delete this one"
    )


def default_model_of(config: JsonObject | None) -> tuple[JsonObject | None, str | None, bool]:
    """(the config without it, the model that is named, whether one is)."""
    if config is None or DEFAULT_MODEL not in config:
        return config, None, False
    named = optional_text(f"config.{DEFAULT_MODEL}", config[DEFAULT_MODEL])
    return {name: value for name, value in config.items() if name != DEFAULT_MODEL}, named, True


def new_document(key: ResourceKey, body: JsonObject, config: JsonObject | None) -> JsonObject:
    spec: JsonObject = {field: body[name] for name, field in _FIELDS.items() if body.get(name) is not None}
    if config is not None:
        spec["config"] = config
    labels = object_of(body, "labels")
    return document(key, {"labels": labels} if labels else {}, unmasked(KIND, spec, None))


def updated(whole: JsonObject, body: JsonObject, config: JsonObject | None) -> JsonValue:
    """A Provider that is there, with what is sent: null takes away. What is not sent stays, and so does what the API does
    not show of it (health, limits, ...).
    """
    spec = object_of(whole, "spec") or {}
    body = without_shown(whole, body, {"displayName": "name"})
    written = dict(spec)
    for name, field in _FIELDS.items():
        if body.get(name) is not None:
            written[field] = body[name]
        elif name in body:
            written.pop(field, None)
    if config is not None:
        written["config"] = config
    metadata = object_of(whole, "metadata") or {}
    if "labels" in body:
        metadata = {**metadata, "labels": object_of(body, "labels")}
    return {**whole, "metadata": metadata, "spec": unmasked(KIND, written, spec)}
