"""Source and result, point by point: each field that was carried over, and each secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.control.importing.findings import Findings, FoundSecret, Path
from reconciler.json_types import JsonValue, same
from reconciler.resources.resource import Resource, ResourceKey

Opens = Callable[[FoundSecret, JsonValue], bool | None]
"""Whether what stands in a field is the secret; None where that can't be told here."""


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """One point. It repeats no value."""

    origin: str
    field: str
    key: ResourceKey
    path: str
    verdict: Verdict


def compare(findings: Findings, result: Mapping[ResourceKey, Resource], opens: Opens) -> list[Compared]:
    compared = [
        Compared(
            each.origin,
            each.field,
            each.key,
            _text(each.path),
            _verdict(result, each.key, each.path, each.value),
        )
        for each in findings.points
    ]
    pointed = {each.key for each in findings.points}
    compared += [
        Compared(
            each.key.name,
            str(each.key),
            each.key,
            "",
            Verdict.SAME if each.key in result else Verdict.MISSING,
        )
        for each in findings.resources
        if each.key not in pointed
    ]
    return compared + [
        _secret(each, each.key, result, opens) for each in findings.secrets if each.key is not None
    ]


def _verdict(
    result: Mapping[ResourceKey, Resource], key: ResourceKey, path: Path, value: JsonValue
) -> Verdict:
    if key not in result:
        return Verdict.MISSING
    found = _at(result[key].spec, path)
    if found is None:
        return Verdict.MISSING
    return Verdict.SAME if same(found, value) or _holds(found, value) else Verdict.DIFFERENT


def _holds(found: JsonValue, value: JsonValue) -> bool:
    """Of lists that several fields add to: what this one added, each item with all that it said."""
    if isinstance(found, dict) and isinstance(value, dict):
        return all(
            name in found and (same(found[name], item) or _holds(found[name], item))
            for name, item in value.items()
        )
    if not isinstance(found, list) or not isinstance(value, list):
        return False
    return all(any(same(item, each) or _holds(item, each) for item in found) for each in value)


def _secret(
    secret: FoundSecret, key: ResourceKey, result: Mapping[ResourceKey, Resource], opens: Opens
) -> Compared:
    written = _at(result[key].spec, secret.path) if key in result else None
    if written is None:
        verdict = Verdict.MISSING
    else:
        equal = opens(secret, written)
        verdict = Verdict.UNKNOWN if equal is None else Verdict.SAME if equal else Verdict.DIFFERENT
    return Compared(secret.origin, secret.field, key, _text(secret.path), verdict)


def _at(value: JsonValue, path: Path) -> JsonValue:
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(str(step))
    return value


def _text(path: Path) -> str:
    return ".".join(("spec", *map(str, path)))
