"""Resources → YAML that applies to no change: what people declared, in a canonical order."""

import re
from collections.abc import Iterable
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from reconciler.control.plan.differ import owned_content
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.meta import API_VERSION
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.resources.scheme import KINDS

_WIDTH = 1_000_000
"""No line is folded: a folded one would be read back with other blanks."""
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+@=,()-]*(?:[ :][A-Za-z0-9_./+@=,()-]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Some YAML readers take these for something else than text."""


def manifest(stored: StoredResource) -> JsonObject:
    """The document that declares a stored resource: every field that has a manager, and `enabled` always."""
    content = owned_content(stored)
    spec = content.get("spec")
    declared: JsonObject = dict(spec) if isinstance(spec, dict) else {}
    if "enabled" in stored.resource.spec:
        declared["enabled"] = stored.resource.spec["enabled"]
    return document(stored.key, stored.resource.labels, stored.resource.annotations, declared)


def document(key: ResourceKey, labels: object, annotations: object, spec: JsonObject) -> JsonObject:
    """A whole document in the order in which people write them."""
    metadata: JsonObject = {"name": key.name}
    if key.namespace != DEFAULT_NAMESPACE:
        metadata["namespace"] = key.namespace
    for name, texts in (("labels", labels), ("annotations", annotations)):
        if isinstance(texts, dict) and texts:
            metadata[name] = dict(sorted(texts.items()))
    return {
        "apiVersion": API_VERSION,
        "kind": key.kind,
        "metadata": metadata,
        "spec": _ordered(key.kind, spec),
    }


def export(resources: Iterable[StoredResource]) -> str:
    """All resources as one YAML text, referents first. The same resources give the same text."""
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    ordered = sorted(
        resources, key=lambda stored: (ranks[stored.key.kind], stored.key.namespace, stored.key.name)
    )
    return to_yaml([manifest(stored) for stored in ordered])


def to_yaml(documents: Iterable[JsonObject]) -> str:
    """Documents separated by `---`. Reading the text gives the same values again."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    for position, data in enumerate(documents):
        if position:
            out.write("---\n")
        yaml.dump(_styled(data), out)
    return out.getvalue()


def _ordered(kind: str, spec: JsonObject) -> JsonObject:
    declared = list(KINDS[kind].structure.child("spec").properties)
    first = [name for name in ("type", "displayName", "description", "model", "provider") if name in declared]
    ranks = {
        name: rank for rank, name in enumerate([*first, *(name for name in declared if name not in first)])
    }
    return {
        name: _sorted(spec[name])
        for name in sorted(spec, key=lambda name: (ranks.get(name, len(ranks)), name))
    }


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return value


def _styled(value: JsonValue) -> object:
    """Text that a YAML reader might take for something else gets quotes; text of several lines its own block."""
    if isinstance(value, dict):
        return {_key(name): _styled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_styled(item) for item in value]
    if isinstance(value, str):
        return _styled_text(value)
    return value


def _key(name: str) -> str:
    return name if _is_plain(name) else _quoted(name)


def _styled_text(text: str) -> str:
    if _is_plain(text):
        return text
    if "\n" in text and _fits_a_block(text):
        block: str = LiteralScalarString(text)
        return block
    return _quoted(text)


def _quoted(text: str) -> str:
    quoted: str = DoubleQuotedScalarString(text)
    return quoted


def _is_plain(text: str) -> bool:
    return text.lower() not in _WORDS and _PLAIN.fullmatch(text) is not None


def _fits_a_block(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    return all(line.isprintable() and line == line.strip() and line for line in lines)
