"""How plans, conflicts and problems are shown."""

from collections.abc import Collection, Iterable, Sequence

import click

from reconciler.cli.field_output import field_json, field_lines
from reconciler.cli.output import Palette, counted
from reconciler.control.deletion_text import deletion_text, waits_text
from reconciler.control.field_text import conflict_text
from reconciler.control.manifest.document import Problem
from reconciler.control.manifest.printable import printable
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.review import Review
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

_SIGNS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
Unknown = Collection[tuple[ResourceKey, str]]


def plan_text(plan: Plan, palette: Palette, unknown: Unknown = frozenset()) -> str:
    """Every change with its fields, then what is held, what waits, and one line that counts."""
    return "\n".join([*plan_lines(Review(plan, unknown), palette), counts_text(plan, unknown)])


def plan_lines(review: Review, palette: Palette) -> list[str]:
    """All of a plan, without the line that counts."""
    plan, lines = review.plan, list[str]()
    for change in plan.changes:
        sign, colour = _SIGNS[change.told]
        note = f"  ({noted})" if (noted := deletion_note(change)) else ""
        lines.append(palette.paint(f"{sign} {change.key}", colour) + place_text(change) + note)
        for item in field_changes(change, review.fingerprints):
            lines += [f"    {line}" for line in field_lines(change.told, item, palette)]
        lines += [f"    {line}" for line in dependent_lines(change, review)]
    for key, field in sorted(review.unknown):
        lines.append(f"? {key}  {field}: (unknown without the key)")
    for conflict in plan.conflicts:
        lines.append(palette.paint(f"! {conflict.key}", "red"))
        lines += [f"    {conflict_text(item)}" for item in conflict.fields]
    return lines + standing_lines(plan)


def place_text(change: Change) -> str:
    """The file behind a change's key; of what an overlay made and does not make any more, its folder."""
    path = change.file or _path(change)
    if path is not None and path.endswith("/"):
        path = "overlay at its source's root" if path == "./" else f"overlay {path}"
    return f"  ({printable(path)})" if path else ""


def deletion_note(change: Change) -> str:
    """What finalizers make of a change; "" where they make nothing of it."""
    if change.marks:
        return f"delete; {waits_text(change.marks)}"
    if change.ends:
        return "deleted with this: no finalizer is left"
    if change.takes_back:
        return "its deletion is taken back"
    if change.after is None and change.before is not None and change.before.resource.terminating:
        return "was being deleted"
    return deletion_text(change.after) if change.after is not None and change.after.terminating else ""


def dependent_lines(change: Change, review: Review) -> list[str]:
    """What depends on a resource that is deleted: what would be left without it, and what lets go of it too."""
    return [
        f"{'' if item.stranded else 'was '}needed by {item.key}"
        + (f" of {printable(item.source)}" if item.source is not None else "")
        + (", which stays" if item.stranded else "")
        for item in review.dependents.get(change.key, ())
    ]


def standing_lines(plan: Plan) -> list[str]:
    """What is held or waits, and what was left alone."""
    lines = [
        f"= {held.key}  held by the rollback that made revision {held.revision}"
        + ("; its source differs" if held.drifts else "")
        for held in plan.held
    ]
    lines += [
        f"= {key}  held by a rollback against {source}; an apply from it ends that"
        for key, source in plan.releases
    ]
    lines += [f"… {waiting.key}  waits: {waiting.reason}" for waiting in plan.waiting]
    if plan.undeclared:
        count = counted(len(plan.undeclared), "resource")
        lines.append(
            f"{count} no longer declared by the source; --prune deletes: {names_text(plan.undeclared)}"
        )
    return lines


def counts_text(plan: Plan, unknown: Unknown = frozenset()) -> str:
    counts = plan.counts()
    words = [f"{counts[action]} to {action.value}" for action in Action if counts[action]]
    if plan.conflicts:
        words.append(f"{len(plan.conflicts)} in conflict")
    if unknown:
        words.append(f"{len(unknown)} unknown")
    if not words:
        return f"No changes against revision {plan.base}."
    return f"{', '.join(words)}, against revision {plan.base}."


def done_lines(plan: Plan) -> list[str]:
    return [
        f"marked for deletion   {change.key}  ({waits_text(change.marks)})"
        if change.marks
        else f"{_DONE[change.told]}   {change.key}"
        for change in plan.changes
    ]


def plan_json(plan: Plan, unknown: Unknown = frozenset()) -> JsonObject:
    """A plan for programs: stable, without a secret. See docs/reference/diff.schema.json."""
    return described_plan(Review(plan, unknown))


def described_plan(review: Review) -> JsonObject:
    """As plan_json, with the fingerprints and dependents that the review knows."""
    plan, counts = review.plan, review.plan.counts()
    return {
        "base": plan.base,
        "summary": {**{action.value: counts[action] for action in Action}, "unknown": len(review.unknown)},
        "changes": [_change_json(change, review) for change in plan.changes],
        "conflicts": [
            _conflict_json(conflict.key, item) for conflict in plan.conflicts for item in conflict.fields
        ],
        "undeclared": [str(key) for key in plan.undeclared],
        "held": [
            {"key": str(held.key), "revision": held.revision, "drifts": held.drifts} for held in plan.held
        ],
        "releases": [{"key": str(key), "source": source} for key, source in plan.releases],
        "waiting": [{"key": str(waiting.key), "reason": waiting.reason} for waiting in plan.waiting],
        "unknown": [{"key": str(key), "field": field} for key, field in sorted(review.unknown)],
    }


def report_problems(problems: Iterable[Problem]) -> None:
    """Problems go to stderr, one a line."""
    for problem in problems:
        click.echo(str(problem), err=True)


def problem_json(problem: Problem) -> JsonObject:
    place = problem.location
    return {
        "severity": "warning" if problem.warning else "error",
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "key": str(problem.key) if problem.key else None,
        "field": problem.field,
        "message": problem.message,
        "hint": problem.hint,
    }


def _change_json(change: Change, review: Review) -> JsonObject:
    told: JsonObject = {
        "action": change.told.value,
        "kind": change.key.kind,
        "namespace": change.key.namespace,
        "name": change.key.name,
        "path": _path(change),
        "fields": [field_json(item) for item in field_changes(change, review.fingerprints)],
    }
    if change.marks:
        told["waitsFor"] = [*change.marks]
    if change.takes_back:
        told["takesBack"] = True
    if change.key in review.dependents:
        told["dependents"] = [
            {"key": str(item.key), "source": item.source, "stranded": item.stranded}
            for item in review.dependents[change.key]
        ]
    return told


def _path(change: Change) -> str | None:
    """The file that declares it; of what is deleted, the one that did."""
    if change.action is Action.DELETE and change.before is not None:
        return change.before.path
    return change.path


def _conflict_json(key: ResourceKey, item: FieldConflict) -> JsonObject:
    found: JsonObject = {"key": str(key), "field": item.field, "manager": item.manager, "since": item.since}
    if item.secret and item.old == item.wanted:
        return {**found, "secret": "changed"}
    return {**found, "old": item.old, "wanted": item.wanted}


def names_text(keys: Sequence[object], most: int = 5) -> str:
    shown = ", ".join(str(key) for key in keys[:most])
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"
