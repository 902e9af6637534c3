"""What the library tells: plain values, in which no secret is readable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconciler.control.field_text import conflict_text
from reconciler.control.plan import model
from reconciler.control.plan.fields import field_changes
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.records import Revision


@dataclass(frozen=True, slots=True)
class Field:
    """One field, before and afterwards; None where it is not there. Of a secret they say how it is kept."""

    name: str
    old: JsonValue
    new: JsonValue
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    action: Literal["create", "update", "delete"]
    key: ResourceKey
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change against revision `base`, in the order in which it is done. `conflicts` and `objections` are in
    words: while there are any, `apply` refuses.
    """

    base: int
    changes: tuple[Change, ...] = ()
    conflicts: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes)


@dataclass(frozen=True, slots=True)
class Written:
    """`revision` is the head afterwards: a new one, where `plan` has any change."""

    revision: Revision
    plan: Plan


@dataclass(frozen=True, slots=True)
class Object:
    """A resource as it is stored, with its defaults. A secret in `spec` is a reference, or {sealed: ...}."""

    key: ResourceKey
    spec: JsonObject
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    revision: int
    resource_version: int
    source: str | None


@dataclass(frozen=True, slots=True)
class Migrated:
    """`found`: what was read, a line each. `backup`: where the copy of the store is; None where none was needed.

    `losses`: the fields that are not carried over, each with its reason. `exchange`: the secrets that stood in plain text.
    """

    written: Written
    found: tuple[str, ...]
    backup: str | None
    losses: tuple[str, ...]
    warnings: tuple[str, ...]
    exchange: tuple[str, ...]


def plan_of(plan: model.Plan, objections: tuple[str, ...] = ()) -> Plan:
    conflicts = tuple(
        f"{each.key}: {conflict_text(field)}" for each in plan.conflicts for field in each.fields
    )
    return Plan(plan.base, tuple(map(_change, plan.changes)), conflicts, objections)


def object_of(stored: StoredResource) -> Object:
    resource = stored.resource
    return Object(
        stored.key,
        resource.spec,
        resource.labels,
        resource.annotations,
        stored.revision,
        stored.resource_version,
        stored.source,
    )


def _change(change: model.Change) -> Change:
    told = tuple(Field(each.field, each.old, each.new, each.secret) for each in field_changes(change))
    return Change(change.told.value, change.key, told)
