"""What both patches need of JSON values: copies, and a bound on their depth."""

from reconciler.control.manifest.limits import MAX_DEPTH
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue


def copied(value: JsonValue) -> JsonValue:
    """A copy that shares no list and no object."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def check_depth(value: JsonValue, what: str) -> None:
    """Raises InvalidInput where `what` nests deeper than a manifest may. Everything else here recurses."""
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if not isinstance(item, dict | list):
            continue
        if depth > MAX_DEPTH:
            raise InvalidInput(f"{what} has more than {MAX_DEPTH} collections inside one another")
        pending += [(child, depth + 1) for child in (item.values() if isinstance(item, dict) else item)]
