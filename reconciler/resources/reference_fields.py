"""The fields that hold the name of another resource, as paths: for who must find them without a resource at hand."""

from collections.abc import Iterator
from typing import NamedTuple

from reconciler.resources.kinds import KINDS
from reconciler.resources.references import (
    HOLDING_SECRETS,
    REFERRING_FIELDS,
    REFERRING_ITEMS,
    REFERRING_PLACES,
    SECRET_NAME,
)
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure


class ReferenceField(NamedTuple):
    """`path` of a resource of `kind` may hold the name of a resource of `target`."""

    kind: str
    path: tuple[str, ...]
    target: str


def reference_fields() -> Iterator[ReferenceField]:
    """All of them, in the order of the kinds. A default model, and those that a Route
    matches, may be named by an alias as well.
    """
    for kind in KINDS:
        for field, target in REFERRING_FIELDS.get(kind, ()):
            yield ReferenceField(kind, ("spec", field), target)
        for listed, field, target in REFERRING_ITEMS.get(kind, ()):
            yield ReferenceField(kind, ("spec", listed, field), target)
        for place, target in REFERRING_PLACES.get(kind, ()):
            yield ReferenceField(kind, ("spec", *place), target)
        if kind in HOLDING_SECRETS:
            for path in _secret_fields(structure_of_kind(kind).child("spec"), ("spec",)):
                yield ReferenceField(kind, (*path, *SECRET_NAME), "Secret")
    yield ReferenceField("Route", ("spec", "match", "models"), "Model")
    yield ReferenceField("Settings", ("spec", "defaultModel"), "Model")


def _secret_fields(structure: Structure, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The declared fields that take a secret, at any depth."""
    if structure.shape is Shape.SECRET:
        yield path
    for name, child in structure.properties.items():
        yield from _secret_fields(child, (*path, name))
