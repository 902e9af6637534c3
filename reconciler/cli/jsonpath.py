"""The part of kubectl's JSONPath that people use: {.a.b}, {.items[*].spec.x}, {.a["b.c"]}, [0], [-1], text around."""

import re
from collections.abc import Iterable, Iterator

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*) | \[(?:(?P<index>-?\d+)|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]
        | (?P<every>\.\*)""",
    re.VERBOSE,
)
_HINT = "for example: jsonpath={.spec.config.baseURL} or jsonpath={.items[*].metadata.name}"


def evaluate(value: JsonValue, expression: str) -> list[JsonValue]:
    """All values that the expression picks, in order. Raises InvalidInput where it can't be read."""
    inner = expression[1:-1] if expression.startswith("{") and expression.endswith("}") else expression
    if inner in ("", ".", "$", "@"):
        return [value]
    path = inner.removeprefix("$")
    found: Iterable[JsonValue] = [value]
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise InvalidInput("the jsonpath expression can't be read", hint=_HINT)
        found = list(_step(found, step))
        position = step.end()
    return list(found)


def _step(values: Iterable[JsonValue], step: re.Match[str]) -> Iterator[JsonValue]:
    for value in values:
        if step["all"] or step["every"]:
            yield from value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        elif step["index"] is not None:
            index = int(step["index"])
            if isinstance(value, list) and -len(value) <= index < len(value):
                yield value[index]
        else:
            name = next(
                found for found in (step["name"], step["single"], step["double"]) if found is not None
            )
            if isinstance(value, dict) and name in value:
                yield value[name]
