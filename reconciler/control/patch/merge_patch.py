"""JSON Merge Patch, RFC 7386."""

from reconciler.control.patch.values import check_depth, copied
from reconciler.json_types import JsonValue


def merge_patch(target: JsonValue, patch: JsonValue) -> JsonValue:
    """`target` as `patch` wants it: objects merge, null removes a member, anything else replaces what stood there.

    Raises InvalidInput only where `patch` nests deeper than a manifest may.
    """
    check_depth(patch, "the patch")
    return _merged(target, patch)


def _merged(target: JsonValue, patch: JsonValue) -> JsonValue:
    if not isinstance(patch, dict):
        return copied(patch)
    kept = target if isinstance(target, dict) else {}
    merged = {name: copied(value) for name, value in kept.items() if name not in patch}
    changed = {name: _merged(kept.get(name), value) for name, value in patch.items() if value is not None}
    order = [name for name in kept if name in merged or name in changed]
    return {name: merged[name] if name in merged else changed[name] for name in [*order, *changed]}
