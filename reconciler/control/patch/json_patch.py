"""JSON Patch, RFC 6902, with JSON Pointers of RFC 6901.

The limits are those of kube-apiserver: 10,000 operations, and 3 MiB that `copy` may make. Without the second a few
operations that copy a value into itself fill the memory.
"""

import json
import re
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from reconciler.control.manifest.printable import printable
from reconciler.control.patch.values import check_depth, copied
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue, same

MAX_OPERATIONS = 10_000
MAX_COPIED_CHARACTERS = 3 * 1024 * 1024

Container: TypeAlias = dict[str, JsonValue] | list[JsonValue]

_INDEX = re.compile("0|[1-9][0-9]*")
_LONGEST_INDEX = 9  # digits; no list is as long
_WRONG_ESCAPE = re.compile("~(?![01])")
_NEEDS = {
    "add": ("value",),
    "remove": (),
    "replace": ("value",),
    "move": ("from",),
    "copy": ("from",),
    "test": ("value",),
}
_ROOT = "document"


def json_patch(target: JsonValue, operations: JsonValue) -> JsonValue:
    """`target` after all operations, in order. All of them hold or none: an error leaves `target` as it was.

    Raises InvalidInput: `operation 2 (replace /spec/x): …`, counted from 1.
    """
    if not isinstance(operations, list):
        raise InvalidInput(
            "a JSON patch is a list of operations", hint='[{"op": "replace", "path": "/spec/…", "value": …}]'
        )
    if len(operations) > MAX_OPERATIONS:
        raise InvalidInput(f"a JSON patch of more than {MAX_OPERATIONS} operations", hint="split it")
    patching = _Patching({_ROOT: copied(target)})
    for number, operation in enumerate(operations, start=1):
        patching.run(_parsed(number, operation))
    check_depth(patching.whole[_ROOT], "what the patch makes")
    return patching.whole[_ROOT]


@dataclass(frozen=True, slots=True)
class _Operation:
    number: int
    name: str
    path: str
    body: JsonObject

    @property
    def title(self) -> str:
        return f"operation {self.number} ({self.name} {printable(self.path)})"

    def stop(self, reason: str) -> NoReturn:
        raise InvalidInput(f"{self.title}: {reason}")

    def steps(self, pointer: str) -> list[str]:
        """The names of a JSON Pointer, below the root that holds the document."""
        if pointer and not pointer.startswith("/"):
            self.stop('a path is "" or begins with /')
        if _WRONG_ESCAPE.search(pointer):
            self.stop("in a path ~ is written ~0 and / is written ~1")
        names = pointer.split("/")[1:]
        return [_ROOT, *(name.replace("~1", "/").replace("~0", "~") for name in names)]


def _parsed(number: int, operation: JsonValue) -> _Operation:
    if not isinstance(operation, dict):
        raise InvalidInput(f"operation {number}: not an object", hint='it has "op" and "path"')
    name, path = operation.get("op"), operation.get("path")
    if not isinstance(name, str) or name not in _NEEDS:
        raise InvalidInput(f'operation {number}: "op" is none of {", ".join(_NEEDS)}')
    if not isinstance(path, str):
        raise InvalidInput(f'operation {number} ({name}): it needs "path", a text')
    parsed = _Operation(number, name, path, operation)
    for needed in _NEEDS[name]:
        if needed not in operation:
            parsed.stop(f'it needs "{needed}"')
    check_depth(operation.get("value"), parsed.title)
    return parsed


@dataclass(slots=True)
class _Patching:
    """The document while it is being patched, as the one member of `whole`: so the root is a place like any other."""

    whole: dict[str, JsonValue]
    copied_characters: int = field(default=0)

    def run(self, operation: _Operation) -> None:
        steps = operation.steps(operation.path)
        match operation.name:
            case "add":
                self._put(operation, steps, copied(operation.body["value"]))
            case "remove":
                self._take(operation, steps)
            case "replace":
                self._at(operation, steps)
                self._set(operation, steps, copied(operation.body["value"]))
            case "test":
                if not same(self._at(operation, steps), operation.body["value"]):
                    operation.stop("the test failed: another value stands there")
            case _:
                self._move_or_copy(operation, steps)

    def _move_or_copy(self, operation: _Operation, steps: list[str]) -> None:
        source = operation.body["from"]
        if not isinstance(source, str):
            operation.stop('"from" is a text')
        origin = operation.steps(source)
        value = self._at(operation, origin)
        if operation.name == "copy":
            self._count(operation, value)
            self._put(operation, steps, copied(value))
        elif origin != steps:
            if steps[: len(origin)] == origin:
                operation.stop("a value can't be moved into itself")
            self._take(operation, origin)
            self._put(operation, steps, value)

    def _count(self, operation: _Operation, value: JsonValue) -> None:
        check_depth(value, operation.title)
        self.copied_characters += len(json.dumps(value, ensure_ascii=False))
        if self.copied_characters > MAX_COPIED_CHARACTERS:
            operation.stop(f"the patch copies more than {MAX_COPIED_CHARACTERS} characters")

    def _at(self, operation: _Operation, steps: list[str]) -> JsonValue:
        value: JsonValue = self.whole
        for name in steps:
            value = _member(operation, value, name)
        return value

    def _parent(self, operation: _Operation, steps: list[str]) -> Container:
        parent = self._at(operation, steps[:-1])
        if not isinstance(parent, dict | list):
            operation.stop("what is above it is no object and no list")
        return parent

    def _set(self, operation: _Operation, steps: list[str], value: JsonValue) -> None:
        """Puts `value` in the place of one that is there."""
        parent = self._parent(operation, steps)
        if isinstance(parent, list):
            parent[int(steps[-1])] = value
        else:
            parent[steps[-1]] = value

    def _put(self, operation: _Operation, steps: list[str], value: JsonValue) -> None:
        """Adds a member, or makes room in a list; `-` is its end."""
        parent = self._parent(operation, steps)
        if isinstance(parent, list):
            place = len(parent) if steps[-1] == "-" else _index(operation, steps[-1], len(parent) + 1)
            parent.insert(place, None)
            steps = [*steps[:-1], str(place)]
        self._set(operation, steps, value)

    def _take(self, operation: _Operation, steps: list[str]) -> None:
        self._at(operation, steps)
        if len(steps) == 1:
            operation.stop("the whole document can't be removed")
        parent = self._parent(operation, steps)
        if isinstance(parent, list):
            del parent[int(steps[-1])]
        else:
            del parent[steps[-1]]


def _member(operation: _Operation, value: JsonValue, name: str) -> JsonValue:
    if isinstance(value, list):
        return value[_index(operation, name, len(value))]
    if not isinstance(value, dict) or name not in value:
        operation.stop(f'there is no "{printable(name)}"')
    return value[name]


def _index(operation: _Operation, name: str, length: int) -> int:
    """A place in a list, below `length`."""
    if not _INDEX.fullmatch(name):
        operation.stop(f'"{printable(name)}" is no place in a list')
    if len(name) > _LONGEST_INDEX or int(name) >= length:
        operation.stop(f"the list ends before place {name}")
    return int(name)
