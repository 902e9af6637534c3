"""A reviewed plan as text and as data: the changes, what they mean for traffic, and what drifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciler.cli.output import Palette
from reconciler.cli.plan_output import counts_text, described_plan, names_text, plan_lines
from reconciler.control.drift import Drift
from reconciler.control.field_text import value_text
from reconciler.control.manifest.printable import printable
from reconciler.control.plan.effects import (
    ACTIVE_PROVIDER,
    APPEARED_NAME,
    CLIENT_EFFECTS,
    CLIENT_REFUSED,
    DEFAULT_MODEL,
    GAINED_MODEL,
    KEYS_ASKED_FOR,
    LESS_PERMITTED,
    LOST_MODEL,
    LOST_RECORDS,
    LOST_ROUTE,
    MOVED_NAME,
    PRICE_DECREASE,
    ROUTE_EFFECTS,
    UNKNOWN_MODELS,
    VANISHED_NAME,
    Effect,
    Impact,
)
from reconciler.control.review import Review
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

_COLOURS = {
    CLIENT_REFUSED: "red",
    LESS_PERMITTED: "red",
    LOST_MODEL: "red",
    LOST_RECORDS: "red",
    LOST_ROUTE: "red",
    VANISHED_NAME: "red",
    GAINED_MODEL: "green",
    APPEARED_NAME: "green",
    PRICE_DECREASE: "green",
}
_NAMES = frozenset({VANISHED_NAME, MOVED_NAME, APPEARED_NAME})
_OF_THE_NAMESPACE = {
    DEFAULT_MODEL: "default",
    ACTIVE_PROVIDER: "active",
    UNKNOWN_MODELS: "unknown",
    LOST_RECORDS: "records",
    KEYS_ASKED_FOR: "data plane",
}
_LISTED = frozenset({GAINED_MODEL, APPEARED_NAME})
"""Effects that take nothing from anybody: one line for all of a kind."""


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """One line of an impact. `words` are the effects on `what`; `before` and `after` are empty where many are listed."""

    words: tuple[str, ...]
    what: str
    before: str = ""
    after: str = ""


def review_text(review: Review, palette: Palette) -> str:
    """The changes, the impact, the drift, and last one line that counts."""
    lines = [*plan_lines(review, palette), *impact_lines(review.impact, palette)]
    if review.drift:
        lines.append("Drift, changed behind the source's back:")
        lines += [f"  {item.key}  {printable(drift_text(item))}" for item in review.drift]
    return "\n".join([*lines, counts_text(review.plan, review.unknown)])


def review_json(review: Review) -> JsonObject:
    """The documented form of `diff -o json`: see docs/reference/diff.schema.json."""
    return {
        **described_plan(review),
        "impact": [
            {
                "effect": effect.word,
                "namespace": effect.namespace,
                "subject": effect.subject,
                "before": [*effect.before],
                "after": [*effect.after],
            }
            for effect in review.impact.effects
        ],
        "drift": [_drift_json(item) for item in review.drift],
    }


def impact_lines(impact: Impact, palette: Palette) -> list[str]:
    rows = impact_rows(impact)
    if not rows:
        return []
    width = max(len(", ".join(row.words)) for row in rows)
    return ["Impact:", *(f"  {_impact_line(row, width, palette)}" for row in rows)]


def impact_rows(impact: Impact) -> list[ImpactRow]:
    """The gravest first. Effects on the same thing share a row."""
    rows: dict[tuple[str, ...], ImpactRow] = {}
    for word, same in groupby(impact.effects, key=lambda effect: effect.word):
        effects = [*same]
        if word in _LISTED:
            what = names_text([_what(effect) for effect in effects])
            rows[word,] = ImpactRow((word,), what)
            continue
        for effect in effects:
            row = ImpactRow(
                (word,), _what(effect), _values(effect, effect.before), _values(effect, effect.after)
            )
            key = (row.what, row.before, row.after)
            shared = rows.get(key)
            rows[key] = row if shared is None else ImpactRow((*shared.words, word), *key)
    return [*rows.values()]


def drift_text(item: Drift) -> str:
    """What drifted, who did it, when, in which revision, and why."""
    if item.field is None:
        what = "deleted"
    elif item.secret:
        what = f"{item.field}: another value than declared"
    elif item.live is None:
        what = f"{item.field}: removed, declared {value_text(item.declared)}"
    elif item.declared is None:
        what = f"{item.field}: {value_text(item.live)}, not declared"
    else:
        what = f"{item.field}: {value_text(item.live)}, declared {value_text(item.declared)}"
    revision = item.revision
    made = f"by {item.manager} at {revision.time}, revision {revision.number} ({revision.operation})"
    return f"{what}; {made}" + (f": {revision.message}" if revision.message else "")


def _drift_json(item: Drift) -> JsonObject:
    revision = item.revision
    told: JsonObject = {"key": str(item.key), "field": item.field}
    if item.secret:
        told["secret"] = "changed"  # noqa: S105  a word
    elif item.field is not None:
        told |= {"declared": item.declared, "live": item.live}
    return told | {
        "manager": item.manager,
        "actor": revision.actor,
        "time": revision.time,
        "revision": revision.number,
        "operation": revision.operation,
        "message": revision.message,
    }


def _impact_line(row: ImpactRow, width: int, palette: Palette) -> str:
    words = ", ".join(row.words).ljust(width)
    line = f"{palette.paint(words, _COLOURS.get(row.words[0], 'yellow'))}  {row.what}"
    return f"{line}: {row.before} → {row.after}" if row.before else line


def _what(effect: Effect) -> str:
    if effect.word in _OF_THE_NAMESPACE:
        what = _OF_THE_NAMESPACE[effect.word]
        return what if effect.namespace == DEFAULT_NAMESPACE else f"{what} of {effect.namespace}"
    if effect.word in _NAMES:
        name = printable(effect.subject)
        return name if effect.namespace == DEFAULT_NAMESPACE else f"{effect.namespace}/{name}"
    kind = "Route" if effect.word in ROUTE_EFFECTS else "Model"
    if effect.word in CLIENT_EFFECTS:
        kind = "ClientKey"
    return str(ResourceKey(kind, effect.namespace, effect.subject))


def _values(effect: Effect, values: Sequence[str]) -> str:
    if effect.word == DEFAULT_MODEL and len(values) > 1:
        return f"{printable(values[0])} ({values[1]})"
    return ", ".join(values) or ("nothing" if effect.word in _NAMES else "none")
