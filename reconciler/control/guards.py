"""What stands between a plan and what it would delete: nothing is deleted by an oversight. Pure.

A folder that is not mounted, the wrong folder and half a checkout all look like manifests that somebody deleted. So a
prune is refused where it would empty a source, where it would delete more than a limit, and where git says that what
is gone was never removed. A resource that is marked as protected is deleted by no plan.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reconciler.control.plan.differ import within
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.proposal import DeleteLimit, Guards
from reconciler.control.working_tree import Checkout
from reconciler.errors import Refused
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

PROTECTED = "routerctl.dev/protected"
"""The annotation. Any value but "false" protects: who wrote "yes" meant it."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a plan is refused, and what to do."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Pruning:
    """Whose resources are missing, from what was read. `names`: of the source, one before a renaming included.

    declares: whether any resource was read. unread: by the paths given below which none was, the scope of each.
    """

    names: Collection[str]
    declares: bool
    unread: Mapping[str, str]


def deletes(plan: Plan) -> tuple[Change, ...]:
    return tuple(change for change in plan.changes if change.action is Action.DELETE)


def protected(changes: Sequence[Change]) -> tuple[Objection, ...]:
    """The annotation counts as it is stored: a plan can't both remove it and delete."""
    keys = [
        change.key
        for change in changes
        if change.action is Action.DELETE
        and change.before is not None
        and change.before.resource.annotations.get(PROTECTED, "false") != "false"
    ]
    if not keys:
        return ()
    return (
        Objection(
            f"protected from being deleted: {_named(keys)}",
            f"remove the annotation {PROTECTED} first, and apply that",
        ),
    )


def objections(
    plan: Plan, state: State, pruning: Pruning, guards: Guards, checkout: Checkout
) -> tuple[Objection, ...]:
    """All that speaks against the deletes of a prune. `checkout` has its paths as the store has them. To mark what has
    finalizers counts as to delete it, and what is marked does not count any more.
    """
    state = state.lasting()
    found: list[Objection] = []
    if not guards.allow_empty:
        found += _unread(pruning, state) or _emptied(plan, state, pruning.names)
    found += _too_many(plan, state, pruning.names, guards.max_deletes)
    found += _half_checked_out(plan, checkout)
    return (*found, *protected(plan.changes))


def refusal(found: Sequence[Objection]) -> Refused:
    """All of them as one error."""
    *first, last = found
    lines = [f"{objection.message}\n  {objection.hint}" for objection in first]
    return Refused("\n".join([*lines, last.message]), hint=last.hint)


def _unread(pruning: Pruning, state: State) -> list[Objection]:
    """A folder that is not mounted looks like one whose manifests were all deleted."""
    hint = "check the path and the checkout; if all of it is to go, say so with --allow-empty"
    if not pruning.declares:
        message = "no resource was read from the paths given, so --prune would delete all that they once held"
        return [Objection(message, hint)]
    found = []
    for path, scope in pruning.unread.items():
        held = [
            item for item in state.values() if item.source in pruning.names and within(item.path, (scope,))
        ]
        if held:
            message = f"no resource was read below {path}, so --prune would delete all that it once held: {len(held)}"
            found.append(Objection(message, hint))
    return found


def _emptied(plan: Plan, state: State, names: Collection[str]) -> list[Objection]:
    """Nothing is left of what the source held: another folder under its name looks so, whatever stands in it. But one
    resource in the place of one is a new name.
    """
    gone = {change.key for change in deletes(plan)}
    held = {key for key, stored in state.items() if stored.source in names}
    made = any(change.action is Action.CREATE for change in plan.changes)
    if not gone or held - gone or (len(held) == 1 and made):
        return []
    message = f"--prune would delete all that the source holds: {_named(sorted(held))}"
    hint = "check the path and the source; if all of it is to go, say so with --allow-empty"
    return [Objection(message, hint)]


def _too_many(plan: Plan, state: State, names: Collection[str], limit: DeleteLimit) -> list[Objection]:
    held = sum(stored.source in names for stored in state.values())
    gone, most = len(deletes(plan)), limit.of(held)
    if gone <= most:
        return []
    message = (
        f"--prune would delete {gone} of the {held} resources that the source holds; the limit is {most}"
    )
    return [
        Objection(message, f"look at them with diff --prune; if they are to go, say --max-deletes {gone}")
    ]


def _half_checked_out(plan: Plan, checkout: Checkout) -> list[Objection]:
    gone = deletes(plan)
    if not gone:
        return []
    if checkout.at_work:
        hint = "wait for it; if none runs, remove the file index.lock that it left in the repository"
        return [Objection("git is at work in this checkout, or was killed while it was", hint)]
    paths = {change.before.path or "" for change in gone if change.before is not None}
    overlays = any(path.endswith("/") for path in paths)
    lost = sorted(path for path in checkout.missing if path in paths or overlays)
    if not lost:
        return []
    message = f"git tracks manifests that are not in this checkout as it knows them: {_listed(lost)}"
    hint = (
        "git restore brings them back, git rm says that they are to go; finish a merge, or a sparse checkout"
    )
    return [Objection(message, hint)]


def _named(keys: Sequence[ResourceKey]) -> str:
    return _listed([str(key) for key in keys])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
