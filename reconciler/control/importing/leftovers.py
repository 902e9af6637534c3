"""What is left of a group of fields. Values that look like secrets are told as such, wherever they stand."""

import re
from collections.abc import Callable, Mapping

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.fields import Fields
from reconciler.json_types import JsonValue

_SENSITIVE = re.compile(
    r"(key|token|password|secret|credential|_url|webhook|connection|dsn)s?$", re.IGNORECASE
)


def lose_all(
    collector: Collector,
    group: Fields,
    reasons: Mapping[str, str],
    why: str = "routerctl has nothing that it would be",
    *,
    refers: Callable[[str], bool] = lambda _: False,
) -> None:
    """`reasons`: by the last part of a field's name. `refers`: whether a text names a variable, and is no value."""
    for field, value in group.rest().items():
        name = field.rpartition(".")[2]
        reason = reasons.get(name, why)
        if _is_secret(name, value, refers):
            collector.leave_secret(field, str(value), reason)
            continue
        collector.lose(field, reason)
        for place, text in _inside(value, field, refers):
            collector.leave_secret(place, text, "as all of it")


def _is_secret(name: str, value: JsonValue, refers: Callable[[str], bool]) -> bool:
    return bool(isinstance(value, str) and _SENSITIVE.search(name) and value and not refers(value))


def _inside(value: JsonValue, field: str, refers: Callable[[str], bool]) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [
            found for place, item in enumerate(value) for found in _inside(item, f"{field}[{place}]", refers)
        ]
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, str]] = []
    for name, item in value.items():
        if _is_secret(name, item, refers):
            found.append((f"{field}.{name}", str(item)))
        else:
            found += _inside(item, f"{field}.{name}", refers)
    return found
