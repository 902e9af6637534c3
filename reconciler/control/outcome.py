"""What a plan would leave: all resources as they would be, and whether they keep every rule together."""

from collections.abc import Mapping, Sequence

from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import InvalidManifests, Problem, field_path
from reconciler.control.manifest.validate import Violation, violations
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.seal import SecretProblem
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State


def result(state: State, changes: Sequence[Change]) -> dict[ResourceKey, Resource]:
    """All resources as they would be after the changes."""
    resources = {key: stored.resource for key, stored in state.items()}
    for change in changes:
        if change.action is Action.DELETE or change.after is None:
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
        raise InvalidManifests([_located(problem, declared) for problem in found])


def _located(problem: SecretProblem | Violation, declared: Mapping[ResourceKey, Declared]) -> Problem:
    found = declared.get(problem.key)
    location = found.document.locate(problem.field) if found is not None else None
    return Problem(location, problem.message, problem.key, field_path(problem.field), problem.hint)
