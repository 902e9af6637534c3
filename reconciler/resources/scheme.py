"""What the fields of each kind are: the structure, and completion with defaults.

The models in `specs` say it. What they said is kept in a file beside, with the digest of the code that said it, and read
there: nothing but other code can make it wrong. Where the code is another, they are asked again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.json_types import JsonObject, JsonValue
from reconciler.late import late
from reconciler.resources.code import DESCRIBING, code_digest
from reconciler.resources.structure import Structure
from reconciler.resources.structure_data import structure_from

if TYPE_CHECKING:
    from reconciler.resources import specs
else:
    specs = late("reconciler.resources.specs")

KEPT = Path(__file__).with_name("kinds.json")
"""Written by `make schemas`."""


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a model's fields have where nobody writes them, and the same of the models that its fields hold."""

    values: Mapping[str, JsonValue]
    nested: Mapping[str, "_Defaults"]


def kept_text() -> str:
    """What KEPT should hold."""
    kept: JsonObject = {"code": code_digest(*DESCRIBING).hex(), "kinds": specs.facts_of_kinds()}
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


@cache
def _facts() -> JsonObject:
    kept = _read()
    return specs.facts_of_kinds() if kept is None else kept


def _read() -> JsonObject | None:
    """None where it is of other code, or is not there."""
    try:
        kept = json.loads(KEPT.read_bytes())
    except (OSError, ValueError):
        return None
    same = isinstance(kept, dict) and kept.get("code") == code_digest(*DESCRIBING).hex()
    facts = kept.get("kinds") if same else None
    return facts if isinstance(facts, dict) else None


def _fact(kind: str, name: str) -> JsonValue:
    facts = _facts()[kind]
    if not isinstance(facts, dict):
        raise TypeError("what is kept of a kind is an object")
    return facts[name]


@cache
def structure_of_kind(kind: str) -> Structure:
    """The structure of {"metadata": ..., "spec": ...}."""
    return structure_from(_fact(kind, "structure"))


def invalid_fields(kind: str, spec: JsonObject) -> tuple[str, ...]:
    """The fields of a spec that its kind does not take, by name; none for a valid one."""
    return specs.invalid_fields(kind, spec)


def with_defaults(kind: str, spec: JsonObject) -> JsonObject:
    """`spec` completed with the defaults of its kind, as a revision stores it. Expects a valid spec."""
    return _completed(spec, _defaults_of(kind)[str(spec["type"]) if kind == "Provider" else ""])


def _completed(written: JsonObject, defaults: _Defaults) -> JsonObject:
    completed = dict(written)
    for name, value in defaults.values.items():
        completed.setdefault(name, value)
    for name, inner in defaults.nested.items():
        value = completed.get(name)
        if isinstance(value, dict):
            completed[name] = _completed(value, inner)
    return completed


@cache
def _defaults_of(kind: str) -> Mapping[str, _Defaults]:
    """By the form of the spec; see `specs.facts_of_kinds`."""
    return MappingProxyType(
        {form: _defaults(data) for form, data in _object(_fact(kind, "defaults")).items()}
    )


def _defaults(data: JsonValue) -> _Defaults:
    values, nested = _object(_object(data)["values"]), _object(_object(data)["nested"])
    return _Defaults(
        MappingProxyType(values), MappingProxyType({name: _defaults(inner) for name, inner in nested.items()})
    )


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("what is kept of a kind are objects")
    return value
