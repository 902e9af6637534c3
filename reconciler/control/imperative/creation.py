"""A resource that a command makes: checked as a manifest is, secrets sealed, and whole its maker's."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.control.imperative.written import resource_of_written
from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.writer import document
from reconciler.control.ownership.update import update
from reconciler.control.plan.differ import completed
from reconciler.control.plan.model import Action, Change, content_of
from reconciler.control.seal import Sealer
from reconciler.errors import Conflict, InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.resources.scheme import structure_of_kind


@dataclass(frozen=True, slots=True)
class Creation:
    """A Rewrite that makes its resource where there is none: `make` is asked then; what is there goes through `change`.

    Without `change` there must be none: Conflict is raised otherwise.
    """

    key: ResourceKey
    make: Callable[[], JsonValue]
    change: Callable[[JsonObject], JsonValue] | None = None

    def __call__(self, whole: JsonObject) -> JsonValue:
        """What becomes of a resource that is there."""
        if self.change is not None:
            return self.change(whole)
        word = f"{self.key.kind.lower()}/{self.key.name} -n {self.key.namespace}"
        raise Conflict(f"{self.key} is there already", hint="look at it with", command=f"get {word}")


def new(key: ResourceKey, spec: JsonObject) -> Creation:
    """A resource of this spec, which must not be there yet."""
    return Creation(key, lambda: document(key, {}, spec))


def created(creation: Creation, sealer: Sealer, *, manager: str, now: str) -> Change:
    """The change that makes it. `manager` owns all that is written, as an Update.

    Raises InvalidManifests for what no manifest may hold, InvalidInput for another identity than its key.
    """
    key, wanted = creation.key, creation.make()
    if not isinstance(wanted, dict):
        raise InvalidInput(f"{key}: what would be written is no object")
    declared = resource_of_written(without_nulls(wanted))
    if declared.key != key:
        raise InvalidInput(f"{key}: what would be written is {declared.key}")
    resource = sealer.seal(declared, None)
    content = content_of(resource)
    done = update({}, (), content, structure_of_kind(key.kind), manager=manager, now=now)
    after = completed(key, content, None, valid=resource.spec)
    return Change(Action.CREATE, key, None, after, done.managers)
