"""Token counts out of an answer. An upstream may write anything there; what makes no sense is not counted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TOKENS = 2**31 - 1
"""More than any answer can hold: a larger count is taken for noise."""


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


def read_usage(answer: bytes) -> Usage | None:
    """The usage of a JSON answer or of one stream chunk. None where there is none, or no sense in it."""
    try:
        return usage_of(json.loads(answer))
    except (ValueError, RecursionError):
        return None


def usage_of(answer: object) -> Usage | None:
    """As read_usage, of an answer that is already parsed."""
    given = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(given, Mapping):
        return None
    prompt, completion, total = (
        _count(given.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if prompt is None and completion is None and total is None:
        return None
    counted = (prompt or 0) + (completion or 0)
    return Usage(prompt or 0, completion or 0, counted if total is None else total)


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TOKENS:
        return None
    return value
