"""What becomes of each resource that a command names."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reconciler.control.imperative.creation import Creation, created
from reconciler.control.imperative.rewriting import Rewrite, rewritten
from reconciler.control.manifest.printable import printable
from reconciler.control.plan.differ import keeps_content
from reconciler.control.plan.model import Action, Change
from reconciler.control.seal import Sealer
from reconciler.errors import NotFound, Refused
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State

Rewrites: TypeAlias = Mapping[ResourceKey, Rewrite | None]
"""None deletes the resource. A Creation makes it, where it is not there."""


def changes_of(
    rewrites: Rewrites, state: State, sealer: Sealer, *, manager: str, now: str, ignore_missing: bool = False
) -> list[Change]:
    """None for a resource that would stay as it is, whoever declares it.

    Raises NotFound for what is not there, unless ignore_missing says to leave that out, Refused for a new finalizer of what is
    being deleted, and what `rewritten` raises.
    """
    missing = [
        key for key, rewrite in rewrites.items() if key not in state and not isinstance(rewrite, Creation)
    ]
    if missing and not ignore_missing:
        raise not_there(missing)
    found: list[Change] = []
    for key, rewrite in rewrites.items():
        stored = state.get(key)
        if stored is None:
            if isinstance(rewrite, Creation):
                found.append(created(rewrite, sealer, manager=manager, now=now))
            continue
        if rewrite is None:
            if not stored.resource.terminating:
                found.append(Change(Action.DELETE, key, stored, None))
            continue
        change = rewritten(stored, rewrite, sealer, manager=manager, now=now)
        _check_finalizers(stored, change)
        if not keeps_content(change):
            found.append(change)
    return found


def not_there(missing: Sequence[ResourceKey]) -> NotFound:
    names = printable(", ".join(str(key) for key in missing))
    return NotFound(
        f"{names} {'does' if len(missing) == 1 else 'do'} not exist",
        hint="what there is",
        command=f"get {KINDS[missing[0].kind].plural} -n {printable(missing[0].namespace)}",
    )


def _check_finalizers(stored: StoredResource, change: Change) -> None:
    """As in Kubernetes, nobody new can wait for the end of what is being deleted."""
    after = change.after
    known = stored.resource.finalizers
    new = [name for name in after.finalizers if name not in known] if after is not None else []
    if stored.resource.terminating and new:
        raise Refused(
            f"{stored.key} is being deleted: no new finalizers can be added to it ({', '.join(new)})",
            hint="a rollback to the revision before takes the deletion back",
        )
