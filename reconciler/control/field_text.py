"""The values of a field, old and new, as people read them: in one line, and nothing that acts on a terminal.

What is given here holds no secret: fields are masked by their type where they are compared.
"""

import json

from reconciler.control.manifest.printable import printable
from reconciler.control.ownership.apply import FieldConflict
from reconciler.json_types import JsonValue

_LONGEST = 200


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


def value_text(value: JsonValue) -> str:
    """One value in one line, cut where it is long."""
    plain = isinstance(value, str) and value.isprintable() and value
    text = plain or printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
