"""How plans, conflicts and problems are shown."""

import json
from collections.abc import Iterable, Sequence

import click

from reconciler.cli.output import Palette
from reconciler.control.manifest.document import Problem
from reconciler.control.manifest.printable import printable
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Action, Change, FieldChange, Plan
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey

_SIGNS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_LONGEST = 200
Unknown = frozenset[tuple[ResourceKey, str]]


def plan_text(plan: Plan, palette: Palette, unknown: Unknown = frozenset()) -> str:
    """Every change with its fields, then what is held, what waits, and one line that counts."""
    lines: list[str] = []
    for change in plan.changes:
        sign, colour = _SIGNS[change.action]
        lines.append(
            palette.paint(f"{sign} {change.key}", colour)
            + (f"  ({printable(change.path)})" if change.path else "")
        )
        if change.action is not Action.DELETE:
            lines += [f"    {line}" for line in _field_lines(change)]
    for key, field in sorted(unknown):
        lines.append(f"? {key}  {field}: (unknown without the key)")
    for conflict in plan.conflicts:
        lines.append(palette.paint(f"! {conflict.key}", "red"))
        lines += [
            f"    {_field(item)} is held by {item.manager} since {item.since}" for item in conflict.fields
        ]
    lines += standing_lines(plan)
    lines.append(counts_text(plan))
    return "\n".join(lines)


def standing_lines(plan: Plan) -> list[str]:
    """What is held or waits, and what was left alone."""
    lines = [
        f"= {held.key}  held by the rollback of revision {held.revision}"
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
        lines.append(f"{count} no longer declared by the source; --prune deletes: {_names(plan.undeclared)}")
    return lines


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def counts_text(plan: Plan) -> str:
    counts = plan.counts()
    words = [f"{counts[action]} to {action.value}" for action in Action if counts[action]]
    if plan.conflicts:
        words.append(f"{len(plan.conflicts)} in conflict")
    if not words:
        return f"No changes against revision {plan.base}."
    return f"{', '.join(words)}, against revision {plan.base}."


def done_lines(plan: Plan) -> list[str]:
    return [f"{_DONE[change.action]}   {change.key}" for change in plan.changes]


def plan_json(plan: Plan, unknown: Unknown = frozenset()) -> JsonObject:
    """The documented form of `diff -o json`: stable, without a secret."""
    counts = plan.counts()
    return {
        "base": plan.base,
        "summary": {action.value: counts[action] for action in Action},
        "changes": [_change_json(change) for change in plan.changes],
        "conflicts": [
            {"key": str(conflict.key), "field": _field(item), "manager": item.manager, "since": item.since}
            for conflict in plan.conflicts
            for item in conflict.fields
        ],
        "undeclared": [str(key) for key in plan.undeclared],
        "held": [
            {"key": str(held.key), "revision": held.revision, "drifts": held.drifts} for held in plan.held
        ],
        "releases": [{"key": str(key), "source": source} for key, source in plan.releases],
        "waiting": [{"key": str(waiting.key), "reason": waiting.reason} for waiting in plan.waiting],
        "unknown": [{"key": str(key), "field": field} for key, field in sorted(unknown)],
    }


def _field(conflict: FieldConflict) -> str:
    """As everywhere else: without the dot with which Kubernetes begins the paths of owned fields."""
    return conflict.field.removeprefix(".")


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


def _change_json(change: Change) -> JsonObject:
    fields = field_changes(change) if change.action is not Action.DELETE else ()
    return {
        "action": change.action.value,
        "kind": change.key.kind,
        "namespace": change.key.namespace,
        "name": change.key.name,
        "path": change.path,
        "fields": [_field_json(item) for item in fields],
    }


def _field_json(item: FieldChange) -> JsonObject:
    if item.secret and item.old == item.new:
        return {"field": item.field, "secret": "changed"}
    found: JsonObject = {"field": item.field, "old": item.old, "new": item.new}
    if item.default:
        found["default"] = True
    return {**found, "secret": "changed"} if item.secret else found


def _field_lines(change: Change) -> list[str]:
    return [_field_line(change.action, item) for item in field_changes(change)]


def _field_line(action: Action, item: FieldChange) -> str:
    note = (
        "  (default)"
        if item.default and action is Action.CREATE
        else "  (default changed)"
        if item.default
        else ""
    )
    if item.secret and item.old == item.new:
        return f"{item.field}: (changed)"
    if item.old is None:
        return f"{item.field}: {_value(item.new)}{note}"
    if item.new is None:
        return f"{item.field}: {_value(item.old)} → (removed)"
    return f"{item.field}: {_value(item.old)} → {_value(item.new)}{note}"


def _value(value: JsonValue) -> str:
    plain = isinstance(value, str) and value.isprintable() and value
    text = plain or printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _names(keys: Sequence[ResourceKey], most: int = 5) -> str:
    shown = ", ".join(str(key) for key in keys[:most])
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"
