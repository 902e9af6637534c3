"""What an importer found: resources, secrets, losses, and the points by which source and result are compared."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.value import SecretValue

Path = tuple[str | int, ...]
"""Below `spec`."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A field of the source that is not carried over. `origin`: the file; `field`: what it is called there."""

    origin: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A value that stood in plain text. `key` and `path`: where it goes; None: it is not carried over.

    `variable` stands for it in manifests, as `valueFrom: {env: VARIABLE}`.
    """

    origin: str
    field: str
    value: SecretValue
    key: ResourceKey | None = None
    path: tuple[str, ...] = ()
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One field of the source, and where its value stands in the result."""

    origin: str
    field: str
    key: ResourceKey
    path: Path
    value: JsonValue = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Findings:
    """`forms`: what was read, a line each. `descriptions`: of models, by name, for whoever declares these."""

    forms: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    secrets: tuple[FoundSecret, ...] = ()
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    descriptions: Mapping[str, str] = dataclasses.field(default_factory=dict)
