"""What a JSONPath template makes of a value, as kubectl does it: what is not there is nothing, and no error."""

import json
from collections.abc import Iterable, Iterator, Sequence

from reconciler.cli.jsonpath_syntax import (
    Below,
    Every,
    Filter,
    Indexes,
    Names,
    Node,
    Operand,
    Operator,
    Part,
    Path,
    Range,
    Step,
    Value,
    parse,
)
from reconciler.json_types import JsonValue


def render(value: JsonValue, template: str) -> str:
    """The template with each path replaced by what it picks, blanks between. Raises InvalidInput."""
    return "".join(_Rendering(value).nodes(parse(template), value))


class _Rendering:
    """One value: `$` in a template means it, wherever it stands."""

    def __init__(self, whole: JsonValue) -> None:
        self._whole = whole

    def nodes(self, nodes: Sequence[Node], value: JsonValue) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, str):
                yield node
            elif isinstance(node, Range):
                for item in self._picked(node.path, value):
                    yield from self.nodes(node.body, item)
            else:
                yield " ".join(_shown(item) for item in self._picked(node, value))

    def _picked(self, path: Path, value: JsonValue) -> Iterable[JsonValue]:
        found: Iterable[JsonValue] = [self._whole if path.whole else value]
        for step in path.steps:
            found = [item for each in found for item in self._step(step, each)]
        return found

    def _step(self, step: Step, value: JsonValue) -> Iterable[JsonValue]:
        match step:
            case Names(names):
                return [value[name] for name in names if name in value] if isinstance(value, dict) else ()
            case Indexes() | Part():
                return _items(step, value) if isinstance(value, list) else ()
            case Every():
                return _children(value)
            case Below():
                return _below(value)
            case Filter():
                return [item for item in _children(value) if self._holds(step, item)]

    def _holds(self, condition: Filter, item: JsonValue) -> bool:
        left = self._operand(condition.left, item)
        if condition.operator is None or condition.right is None:
            return bool(left)
        right = self._operand(condition.right, item)
        return any(_compares(a, condition.operator, b) for a in left for b in right)

    def _operand(self, operand: Operand, item: JsonValue) -> Sequence[JsonValue]:
        return [operand.value] if isinstance(operand, Value) else [*self._picked(operand, item)]


def _items(step: Indexes | Part, values: list[JsonValue]) -> list[JsonValue]:
    if isinstance(step, Part):
        return values[step.start : step.end : step.step]
    return [values[index] for index in step.indexes if -len(values) <= index < len(values)]


def _children(value: JsonValue) -> Iterable[JsonValue]:
    return value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()


def _below(value: JsonValue) -> Iterator[JsonValue]:
    yield value
    for child in _children(value):
        yield from _below(child)


def _compares(left: JsonValue, operator: Operator, right: JsonValue) -> bool:
    """Values of different types are different, and neither is larger: true is not 1."""
    same = type(left) is type(right)
    if operator == "==":
        return same and left == right
    if operator == "!=":
        return not same or left != right
    if isinstance(left, str) and isinstance(right, str):
        return _ordered((left > right) - (left < right), operator)
    if same and isinstance(left, int) and isinstance(right, int) and not isinstance(left, bool):
        return _ordered((left > right) - (left < right), operator)
    return False


def _ordered(sign: int, operator: Operator) -> bool:
    """`sign` is -1, 0 or 1, as left is smaller than, equal to or larger than right."""
    return (sign < 0 and "<" in operator) or (sign > 0 and ">" in operator) or (sign == 0 and "=" in operator)


def _shown(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
