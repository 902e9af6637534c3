"""How a field of a kind is told: as `kubectl explain` does, and as data."""

import json
import textwrap
from collections.abc import Iterator, Sequence

from reconciler.control.manifest.fields import Field
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION

_WIDTH = 80


def explained(kind: str, path: Sequence[str], field: Field, *, recursive: bool) -> str:
    """The field at `path` of a document, and the fields that it holds; all of them where it is `recursive`."""
    lines = [f"KIND:       {kind}", f"VERSION:    {API_VERSION}"]
    if path:
        lines += ["", f"FIELD: {'.'.join(path)} <{field.type}>"]
    lines += ["", "DESCRIPTION:", *_wrapped(field.description or "<empty>", 4)]
    for title, text in _facts(field):
        lines += ["", f"{title}:", *_wrapped(text, 4)]
    if field.fields:
        lines += ["", "FIELDS:"]
        lines += _tree(field.fields, 2) if recursive else _list(field.fields)
    return "\n".join(lines)


def _facts(field: Field) -> Iterator[tuple[str, str]]:
    if field.provider_types:
        yield "TYPES", ", ".join(field.provider_types)
    if field.enum:
        yield "ENUM", ", ".join(_shown(value) for value in field.enum)
    if field.default is not None:
        yield "DEFAULT", _shown(field.default)
    if field.limits:
        yield "LIMITS", "\n".join(field.limits)
    if field.examples:
        yield "EXAMPLES", "\n".join(_shown(value) for value in field.examples)


def _list(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        yield f"  {_head(field)}"
        yield from _wrapped(field.description or "<empty>", 4)
        told = []
        if field.enum:
            told.append(f"one of {', '.join(_shown(value) for value in field.enum)}")
        if field.default is not None:
            told.append(f"default: {_shown(field.default)}")
        if field.provider_types:
            told.append(f"types: {', '.join(field.provider_types)}")
        yield from _wrapped("; ".join(told), 4) if told else ()
        yield ""


def _tree(fields: Sequence[Field], indent: int) -> Iterator[str]:
    for field in fields:
        yield " " * indent + _head(field)
        yield from _tree(field.fields, indent + 2)


def _head(field: Field) -> str:
    return f"{field.name}\t<{field.type}>{' -required-' if field.required else ''}"


def _wrapped(text: str, indent: int) -> list[str]:
    blank = " " * indent
    return [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(
            part,
            _WIDTH,
            initial_indent=blank,
            subsequent_indent=blank,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _shown(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def field_json(kind: str, path: Sequence[str], field: Field, *, recursive: bool) -> JsonObject:
    """The documented form of `explain -o json`."""
    return {"kind": kind, "apiVersion": API_VERSION, "path": [*path], **_json(field, 99 if recursive else 1)}


def _json(field: Field, depth: int) -> JsonObject:
    found: JsonObject = {"type": field.type, "required": field.required, "description": field.description}
    if field.default is not None:
        found["default"] = field.default
    for name, values in (
        ("enum", field.enum),
        ("limits", field.limits),
        ("examples", field.examples),
        ("providerTypes", field.provider_types),
    ):
        if values:
            found[name] = [*values]
    if field.fields and depth:
        found["fields"] = [{"name": each.name, **_json(each, depth - 1)} for each in field.fields]
    return found
