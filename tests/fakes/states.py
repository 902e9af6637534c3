"""States without a store: what a commit would leave, for tests of pure functions."""

from collections.abc import Iterable, Mapping

from reconciler.control.plan.differ import plan
from reconciler.control.plan.model import Change, Declaration, Intent, Plan
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

TIME = "2026-01-01T00:00:00Z"


def intent(
    resources: Mapping[ResourceKey, Resource],
    *,
    source: str = "acme",
    prune: bool = True,
    force: bool = False,
    scopes: tuple[str, ...] = ("",),
) -> Intent:
    """All of a source, in one file."""
    declarations = {key: Declaration(resource, "all.yaml") for key, resource in resources.items()}
    return Intent(f"git:{source}", source, declarations, scopes, prune, force)


def planned(resources: Mapping[ResourceKey, Resource], state: State, *, now: str = TIME) -> Plan:
    return plan(intent(resources), state, now=now)


def after(state: State, edits: Iterable[Change]) -> State:
    """The state that committing the edits leaves, one revision later."""
    kept = dict(state)
    number = max((item.resource_version for item in state.values()), default=0)
    for edit in edits:
        before = kept.pop(edit.key, None)
        if edit.after is None:
            continue
        number += 1
        kept[edit.key] = StoredResource(
            edit.after,
            before.uid if before else f"uid-{number}",
            1,
            number,
            before.creation_timestamp if before else TIME,
            state.revision + 1,
            edit.managed_fields,
            edit.source,
            edit.path,
        )
    return State(kept.values(), revision=state.revision + 1)


def stored(
    resource: Resource,
    *managers: FieldManager,
    source: str | None = "acme",
    path: str | None = "all.yaml",
    revision: int = 1,
) -> StoredResource:
    return StoredResource(resource, "uid", 1, revision, TIME, revision, managers, source, path)
