"""Who refers to a resource that is to be deleted, and what would become of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.providing import put
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.manifest.document import field_path
from reconciler.resources.references import references
from reconciler.resources.resource import Resource, ResourceKey

_ACTIVE = ("spec", "activeProvider")


@dataclass(frozen=True, slots=True)
class Dependent:
    """`key` refers to `target` at `field`."""

    key: ResourceKey
    field: tuple[str | int, ...]
    target: ResourceKey

    def __str__(self) -> str:
        return f"{self.key} ({field_path(self.field)}: {self.target.name})"

    @property
    def deleted(self) -> bool:
        """Whether it would be deleted as well: a Binding is nothing without its two ends."""
        return self.key.kind == "Binding"

    @property
    def changed(self) -> bool:
        """Whether it would stay, without that field."""
        return self.field == _ACTIVE

    @property
    def stands(self) -> bool:
        """Whether somebody has to decide what becomes of it: a Route without one of its targets is another Route."""
        return not (self.deleted or self.changed)


def dependents(targets: Collection[ResourceKey], resources: Iterable[Resource]) -> list[Dependent]:
    """Those that refer to one of `targets` and are none of them, by key."""
    found = {
        Dependent(resource.key, reference.field, reference.target)
        for resource in resources
        if resource.key not in targets
        for reference in references(resource)
        if reference.target in targets
    }
    return sorted(found, key=lambda each: (each.key, str(each.field)))


def cascade(found: Iterable[Dependent]) -> Rewrites:
    """What becomes of them: Bindings are deleted, the active provider is none. Those that stand are left out."""
    rewrites: dict[ResourceKey, Rewrite | None] = {}
    for each in found:
        if each.deleted:
            rewrites[each.key] = None
        elif each.changed:
            rewrites[each.key] = put({("activeProvider",): None})
    return rewrites
