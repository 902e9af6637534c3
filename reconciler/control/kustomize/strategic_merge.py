"""A merge patch as kustomize applies it to kinds that it has no schema of.

Mappings merge, null removes, a list replaces the list. `$patch: replace` or `delete` in a mapping is for that whole
mapping. A value of another type than the one that stands there is an error, as there.
"""

from reconciler.control.manifest.locator import Path
from reconciler.control.patch.values import copied
from reconciler.json_types import JsonObject, JsonValue

DIRECTIVE = "$patch"
_KEEP, _REPLACE, _DELETE = "merge", "replace", "delete"


class MergeError(Exception):
    """`path` is the place in the patch."""

    def __init__(self, path: Path, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def strategic_merge(target: JsonObject, patch: JsonObject) -> JsonObject | None:
    """`target` as `patch` wants it; None: the patch deletes it. Raises MergeError."""
    directive = _directive(patch, ())
    if directive == _DELETE:
        return None
    if directive == _REPLACE:
        raise MergeError((DIRECTIVE,), "a whole resource can't be replaced", f"write {DIRECTIVE} below spec")
    return _merged(target, patch, ())


def _directive(patch: JsonObject, path: Path) -> str:
    directive = patch.get(DIRECTIVE, _KEEP)
    if directive not in (_KEEP, _REPLACE, _DELETE):
        raise MergeError((*path, DIRECTIVE), "unknown directive", f"write {_REPLACE}, {_DELETE} or {_KEEP}")
    return str(directive)


def _merged(target: JsonObject, patch: JsonObject, path: Path) -> JsonObject:
    merged = dict(target)
    for name, value in patch.items():
        if name == DIRECTIVE:
            continue
        here = (*path, name)
        held = target.get(name)
        if value is not None and held is not None and _type(held) != _type(value):
            raise MergeError(
                here,
                f"{_type(value)} can't be merged into {_type(held)}",
                "a JSON patch (op: replace) puts one in the place of the other",
            )
        if value is None or (isinstance(value, dict) and _directive(value, here) == _DELETE):
            merged.pop(name, None)
            continue
        merged[name] = _value(held, value, here)
    return merged


def _value(held: JsonValue, value: JsonValue, path: Path) -> JsonValue:
    if not isinstance(value, dict):
        return copied(value)
    if isinstance(held, dict) and _directive(value, path) == _KEEP:
        return _merged(held, value, path)
    return _fresh(value, path)


def _fresh(patch: JsonObject, path: Path) -> JsonObject:
    """What stood for nothing before: without nulls and directives."""
    return _merged({}, patch, path)


def _type(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "a plain value"
