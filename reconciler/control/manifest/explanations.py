"""What a validation error means, in words for the person who wrote the file. No value is repeated: it may be a secret."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from reconciler.control.manifest.document import quoted
from reconciler.control.manifest.incomplete import reached
from reconciler.control.manifest.list_fields import fields_of_items
from reconciler.control.manifest.suggestions import suggestion
from reconciler.field_types import (
    ENV_NAME_PATTERN,
    MOMENT_PATTERN,
    MONEY_PATTERN,
    NAME_PATTERN,
    SEALED_PATTERN,
    SecretKeyReference,
    SecretReference,
    ValueFrom,
)
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.catalog import PROVIDER_TYPES, unusable
from reconciler.resources.client_key import KEY_ID_PATTERN, METADATA_NAME_PATTERN
from reconciler.resources.meta import FINALIZER_PATTERN, LABEL_KEY_PATTERN, LABEL_VALUE_PATTERN, Metadata
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.secret import ENTRY_KEY_PATTERN, HOST_PATTERN, SecretEntry, SecretValueFrom
from reconciler.resources.structure import Shape, Structure

_EXPECTED = {
    "int_type": "expected an integer",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "dict_type": "expected a mapping",
    "list_type": "expected a list",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
_REFERENCE = ("valueFrom", "sealed")
_LABEL = "letters, digits, '-', '_' and '.' between letters or digits; at most 63"
FORMS: Mapping[str, tuple[str, str]] = {
    NAME_PATTERN: (
        "not a valid name",
        "letters, digits, '.', '_', '-'; begins and ends with a letter or digit; at most 253",
    ),
    LABEL_KEY_PATTERN: ("not a valid label or annotation", f"an optional prefix/, then {_LABEL}"),
    FINALIZER_PATTERN: ("not a valid finalizer", f"an optional prefix/, then {_LABEL}"),
    LABEL_VALUE_PATTERN: ("not a valid label value", _LABEL),
    ENV_NAME_PATTERN: ("not the name of a variable", "letters, digits and '_'; no digit first"),
    SEALED_PATTERN: (
        "not a sealed value",
        "the whole text that routerctl secret seal prints (s1-...), or an id of the vault (v-...)",
    ),
    ENTRY_KEY_PATTERN: ("not a valid key", "letters, digits, '.', '_', '-'; at most 253"),
    MONEY_PATTERN: ("not an amount", 'US dollars as a decimal text, such as "25.00"'),
    MOMENT_PATTERN: ("not a time", "as RFC 3339 has them, such as 2027-01-31T00:00:00Z"),
    KEY_ID_PATTERN: ("not the id of a key", "the 12 letters or digits between the dashes of rk-ID-SECRET"),
    METADATA_NAME_PATTERN: ("not a valid name", "letters, digits, '.', '_', '-'; at most 64"),
    HOST_PATTERN: ("not a host", "write a name or an address, without scheme, port and path"),
}
"""Pattern → what a text is that does not match it, and what one is that does."""
_SECRET_FIELDS: Mapping[bool, Mapping[tuple[str | int, ...], type[BaseModel]]] = {
    False: {(): SecretReference, ("valueFrom",): ValueFrom, ("valueFrom", "secret"): SecretKeyReference},
    True: {(): SecretEntry, ("valueFrom",): SecretValueFrom},
}
"""The models inside a secret field: of a Provider's config, and (True) of a Secret's data."""


def explain(
    details: ErrorDetails, path: Sequence[str | int], data: JsonObject, kind: str
) -> tuple[str, str | None]:
    """(message, hint) for one pydantic error at `path` of a document of `kind`."""
    error_type, context = details["type"], details.get("ctx", {})
    if error_type == "extra_forbidden":
        return _unknown_field(path, data, kind)
    if error_type in ("missing", "union_tag_not_found"):
        return _missing(path, error_type)
    if error_type == "union_tag_invalid":
        return _unknown_type(data)
    if error_type == "string_type":
        return _no_text(path, data, kind)
    if error_type in _EXPECTED:
        return _EXPECTED[error_type], None
    if error_type == "string_pattern_mismatch":
        form = FORMS.get(str(context.get("pattern")))
        return ": ".join(form) if form is not None else "not of the form that is expected", None
    if error_type in ("string_too_long", "too_long"):
        return f"too long: at most {context.get('max_length')}", None
    if error_type in ("greater_than_equal", "less_than_equal"):
        word, bound = (
            ("least", context.get("ge"))
            if error_type == "greater_than_equal"
            else ("most", context.get("le"))
        )
        return f"must be at {word} {bound}", None
    if error_type in ("literal_error", "enum"):
        return f"expected {context.get('expected')}", None
    return details["msg"], None


def required_inside(path: Sequence[str | int], data: JsonObject, kind: str) -> tuple[str, ...]:
    """What a missing config has to hold, where its Provider's type tells: the first such field, as a path below it."""
    spec = data.get("spec")
    if kind != "Provider" or tuple(path) != ("spec", "config") or not isinstance(spec, dict):
        return ()
    fields = PROVIDER_TYPES[str(spec["type"])].config.model_fields.items()
    return tuple(name for name, field in fields if field.is_required())[:1]


def _no_text(path: Sequence[str | int], data: JsonObject, kind: str) -> tuple[str, str | None]:
    written, _ = reached(data, tuple(path))
    if isinstance(written, list):
        return "expected text, not a list", None
    if not isinstance(written, dict):
        return "expected text", "put quotes around it"
    if not any(name in written for name in _REFERENCE):
        return "expected text, not a mapping", "a text that begins with { goes in quotes"
    places = _secret_fields(data, kind)
    taken = (
        f"a credential goes into {' or '.join(places)}" if places else "only a field for secrets takes these"
    )
    return "expected plain text; valueFrom and sealed are not taken here", f"write the text itself; {taken}"


def _secret_fields(data: JsonObject, kind: str) -> list[str]:
    """The fields of this document's config that take a secret."""
    known = _known_fields(("spec", "config"), data, kind)
    config = structure_of_kind(kind).child("spec").child("config")
    return [f"spec.config.{name}" for name in known if config.child(name).shape is Shape.SECRET]


def _unknown_field(path: Sequence[str | int], data: JsonObject, kind: str) -> tuple[str, str | None]:
    known = _known_fields(path[:-1], data, kind)
    meant = suggestion(str(path[-1]), known)
    message = f"unknown field {quoted(str(path[-1]))}"
    if meant is not None:
        return f'{message}; did you mean "{meant}"?', None
    return message, f"known here: {', '.join(known)}" if known else None


def _known_fields(path: Sequence[str | int], data: JsonObject, kind: str) -> list[str]:
    if path and path[0] == "metadata":
        return list(Metadata.model_fields) if len(path) == 1 else []
    spec = data.get("spec")
    provider_type = PROVIDER_TYPES.get(str(spec.get("type"))) if isinstance(spec, dict) else None
    if kind == "Provider" and tuple(path) == ("spec", "config") and provider_type is not None:
        return list(provider_type.config.model_fields)
    if path[0] == "spec" and any(isinstance(element, int) for element in path):
        return fields_of_items(kind, path[1:])
    node: Structure = structure_of_kind(kind)
    for position, element in enumerate(path):
        node = node.child(str(element))
        if node.shape is Shape.SECRET:
            inside = _SECRET_FIELDS[kind == "Secret"].get(tuple(path[position + 1 :]))
            return list(inside.model_fields) if inside is not None else []
    return list(node.properties)


def _missing(path: Sequence[str | int], error_type: str) -> tuple[str, str | None]:
    hint = f"one of {', '.join(PROVIDER_TYPES)}" if error_type == "union_tag_not_found" else None
    return f'"{path[-1]}" is required', hint


def _unknown_type(data: JsonObject) -> tuple[str, str | None]:
    spec: JsonValue = data.get("spec")
    written = spec.get("type") if isinstance(spec, dict) else None
    left = unusable(written) if isinstance(written, str) else None
    if left is not None:
        return str(left), None
    meant = suggestion(written, PROVIDER_TYPES) if isinstance(written, str) else None
    if meant is not None:
        return f'unknown provider type; did you mean "{meant}"?', None
    return "unknown provider type", f"one of {', '.join(PROVIDER_TYPES)}"
