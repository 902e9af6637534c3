"""The values of a field, old and new, as people read them: in one line, and nothing that acts on a terminal.

What is given here holds no secret: fields are masked by their type where they are compared.
"""

import json
from collections.abc import Sequence

from reconciler.control.manifest.printable import printable
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import Drifted
from reconciler.json_types import JsonValue

_LONGEST = 200
_FEW = 5


def difference_text(old: JsonValue, new: JsonValue, *, secret: bool = False) -> str:
    """A field's values as people read them, in one line; None where it is not there."""
    if secret and old == new:
        return "(changed)"
    if old is None:
        return value_text(new)
    return f"{value_text(old)} → {'(removed)' if new is None else value_text(new)}"


def conflict_text(conflict: FieldConflict) -> str:
    values = difference_text(conflict.old, conflict.wanted, secret=conflict.secret)
    return f"{printable(conflict.field)}: {values}, owned by {conflict.manager} since {conflict.since}"


def drift_text(item: Drifted) -> str:
    """What is there instead of what is declared; "" where nothing more is known than that it differs."""
    if item.field is None:
        return "deleted" if item.manager is not None else ""
    field = printable(item.field)
    if item.secret:
        return f"{field}: another value than declared"
    live = "removed" if item.live is None else value_text(item.live)
    return f"{field}: {live}, declared {value_text(item.declared)}"


def healing_message(message: str, healed: Sequence[Drifted]) -> str:
    """The message of a revision, with what it takes back of whom: fields alone, so that it stays short."""
    if not healed:
        return message
    told = [_taken_back(item) for item in healed[:_FEW]]
    if len(healed) > _FEW:
        told.append(f"and {len(healed) - _FEW} more")
    return f"{message}; took back {', '.join(told)}"


def _taken_back(item: Drifted) -> str:
    field = printable(item.field) if item.field is not None else "deleted"
    return f"{item.key} {field} (by {printable(item.manager or 'nobody')} at {item.since})"


def value_text(value: JsonValue) -> str:
    """One value in one line, cut where it is long."""
    plain = isinstance(value, str) and value.isprintable() and value
    text = plain or printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
