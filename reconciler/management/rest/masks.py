"""Secrets as the API shows them: never. What is sent back as it was shown keeps what is stored."""

from collections.abc import Iterator

from reconciler.control.seal import replaced
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import secret_places

MASK = "***MASKED***"


def masked(kind: str, spec: JsonObject) -> JsonObject:
    """A copy in which each secret is the mask. A reference to one (valueFrom) is no secret, and stays."""
    for path in _places(kind, spec):
        if not _is_reference(value_at(spec, path)):
            spec = replaced(spec, path, MASK)
    return spec


def unmasked(kind: str, spec: JsonObject, stored: JsonObject | None) -> JsonObject:
    """What is written, with the stored value where the mask was sent back. Raises InvalidInput where none is stored."""
    for path in _places(kind, spec):
        written = value_at(spec, path)
        if written == MASK or (isinstance(written, dict) and written.get("value") == MASK):
            kept = value_at(stored, path) if stored is not None else None
            if kept is None:
                raise InvalidInput(
                    f"spec.{'.'.join(path)} is {MASK}, which is shown for secrets, and none is stored there",
                    hint="send the value itself, or a reference to it (valueFrom)",
                )
            spec = replaced(spec, path, kept)
    return spec


def _places(kind: str, spec: JsonObject) -> Iterator[tuple[str, ...]]:
    yield from list(secret_places(structure_of_kind(kind).child("spec"), spec))


def _is_reference(written: JsonValue) -> bool:
    return isinstance(written, dict) and "valueFrom" in written
