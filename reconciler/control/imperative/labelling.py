"""Labels and annotations of one resource, set and removed one by one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reconciler.control.imperative.rewriting import Rewrite
from reconciler.errors import Conflict
from reconciler.json_types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Texts:
    """`field` is labels or annotations. A value that is there is replaced only where `overwrite` says so."""

    field: str
    put: Mapping[str, str]
    drop: Collection[str] = ()
    overwrite: bool = False

    def rewrite(self, name: str) -> Rewrite:
        """Of the resource `name`, for messages. Raises Conflict for a value that may not be replaced."""
        return lambda whole: self._rewritten(whole, name)

    def _rewritten(self, whole: JsonObject, name: str) -> JsonValue:
        metadata = whole["metadata"]
        held = metadata.get(self.field) if isinstance(metadata, dict) else None
        there = held if isinstance(held, dict) else {}
        taken = [
            f"{key}={there[key]}" for key, value in self.put.items() if key in there and there[key] != value
        ]
        if taken and not self.overwrite:
            raise Conflict(
                f"{name} has other {self.field} already: {', '.join(taken)}",
                hint="replace them with --overwrite",
            )
        kept: JsonObject = {key: value for key, value in there.items() if key not in self.drop}
        return {
            **whole,
            "metadata": {
                **(metadata if isinstance(metadata, dict) else {}),
                self.field: {**kept, **self.put},
            },
        }
