"""What a plan would leave: all resources as they would be, and whether they keep every rule together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.control.deletion_text import waits_text
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import InvalidManifests, Problem, field_path, in_order
from reconciler.control.manifest.validate import Violation, violations
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.seal import SecretProblem
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State


def result(state: State, changes: Sequence[Change]) -> dict[ResourceKey, Resource]:
    """All resources as they would be after the changes; what is being deleted counts as gone."""
    resources = {key: stored.resource for key, stored in state.lasting().items()}
    for change in changes:
        if change.after is None or change.after.terminating:
            resources.pop(change.key, None)
        else:
            resources[change.key] = change.after
    return resources


def check_result(
    plan: Plan, state: State, declared: Mapping[ResourceKey, Declared], secrets: Sequence[SecretProblem]
) -> None:
    """Raises InvalidManifests, with places, for unusable secrets and for every rule that the result would break.

    Where fields are in conflict there is no result to judge: what hangs on the refused changes is no error of its own.
    """
    found: list[SecretProblem | Violation] = [*secrets]
    if plan.changes and not plan.conflicts:
        found += violations(result(state, plan.changes))
    if found:
        files = list(dict.fromkeys(item.document.file for item in declared.values()))
        told = (
            _located(_told(problem, plan, state, owned=problem.key not in declared), declared)
            for problem in found
        )
        raise Broken(in_order(told, files), stranded=not secrets and _by_deletes(found, plan, state))


class Broken(InvalidManifests):
    """`stranded`: each rule is broken just by what the plan deletes, and something that stays refers to."""

    def __init__(self, problems: Sequence[Problem], *, stranded: bool) -> None:
        super().__init__(problems)
        self.stranded = stranded


def explained(violation: Violation, state: State) -> Violation:
    """With the reason, where what it refers to is there and counts as gone."""
    stored = state.get(violation.dangling) if violation.dangling is not None else None
    if stored is None or not stored.resource.terminating:
        return violation
    return replace(
        violation,
        message=f"refers to {violation.dangling}, which is being deleted",
        hint=f"it {waits_text(stored.resource.finalizers)}; the apply after they are gone makes it anew",
    )


def _by_deletes(found: Sequence[SecretProblem | Violation], plan: Plan, state: State) -> bool:
    kept = [change for change in plan.changes if change.action is not Action.DELETE]
    return len(kept) < len(plan.changes) and not {*violations(result(state, kept))} & {*found}


def _told(
    problem: SecretProblem | Violation, plan: Plan, state: State, *, owned: bool
) -> SecretProblem | Violation:
    if isinstance(problem, Violation):
        problem = explained(problem, state)
    return _with_owner(problem, plan, state) if owned else problem


def _with_owner(problem: SecretProblem | Violation, plan: Plan, state: State) -> SecretProblem | Violation:
    """Where the plan deletes what somebody else's resource refers to, no file shows it: say whose that is."""
    stored = state.get(problem.key)
    deleted = {change.key for change in plan.changes if change.removes}
    if not isinstance(problem, Violation) or problem.dangling not in deleted or stored is None:
        return problem
    owner = (
        f"belongs to {stored.source}: change it there"
        if stored.source is not None
        else "belongs to no source: delete or change it"
    )
    return replace(
        problem,
        message=f"refers to {problem.dangling}, which would be deleted",
        hint=f"{problem.key} {owner} first, or keep {problem.dangling}",
    )


def _located(problem: SecretProblem | Violation, declared: Mapping[ResourceKey, Declared]) -> Problem:
    found = declared.get(problem.key)
    location = found.document.locate(problem.field) if found is not None else None
    return Problem(location, problem.message, problem.key, field_path(problem.field), problem.hint)
