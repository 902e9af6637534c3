"""Token counts out of an answer. An upstream may write anything there; what makes no sense is not counted.

Two spellings are read: `prompt_tokens` and `completion_tokens`, and `input_tokens` and `output_tokens`. Beside the
latter Anthropic counts what it read from its cache, and wrote into it, apart; OpenAI counts it in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TOKENS = 2**31 - 1
"""More than any answer can hold: a larger count is taken for noise."""


_USAGE_KEY = b'"usage"'
_TRIES = 8
"""So many keys of that name are looked at, the last ones: an answer may be full of them."""

_CACHED = ("cache_read_input_tokens", "cache_creation_input_tokens")


@dataclass(frozen=True, slots=True)
class Usage:
    """`estimated`: not, or not all, as the upstream told; see `estimate`."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool = False


def read_usage(answer: bytes) -> Usage | None:
    """The usage of a JSON answer or of one stream chunk. None where there is none, or no sense in it."""
    try:
        return usage_of(json.loads(answer.decode()))
    except (ValueError, RecursionError):
        return None


def usage_at_end(tail: bytes) -> Usage | None:
    """As read_usage, of the last bytes of an answer. None where the answer tells its usage further ahead.

    Where all that follows a key `usage` ends one object and no more, the key is one of the answer itself: what is
    nested deeper leaves brackets over, and inside a string a quote is escaped.
    """
    end = len(tail)
    for _ in range(_TRIES):
        end = tail.rfind(_USAGE_KEY, 0, end)
        if end < 0:
            return None
        found = read_usage(b"{" + tail[end:])
        if found is not None:
            return found
    return None


def usage_of(answer: object) -> Usage | None:
    """As read_usage, of an answer that is already parsed."""
    given = answer.get("usage") if isinstance(answer, dict) else None
    if not isinstance(given, dict):
        return None
    prompt = _count(given.get("prompt_tokens"))
    if prompt is None:
        prompt = _input(given)
    completion = _count(given.get("completion_tokens"))
    if completion is None:
        completion = _count(given.get("output_tokens"))
    total = _count(given.get("total_tokens"))
    if prompt is None and completion is None:
        if total is None:
            return None
        prompt = total  # rerankers tell no more; they write nothing
    counted = (prompt or 0) + (completion or 0)
    return Usage(prompt or 0, completion or 0, counted if total is None else total)


def _input(given: Mapping[str, object]) -> int | None:
    told = _count(given.get("input_tokens"))
    return None if told is None else told + sum(_count(given.get(name)) or 0 for name in _CACHED)


def _count(value: object) -> int | None:
    if type(value) is int and 0 <= value <= MAX_TOKENS:  # a bool is none
        return value
    return None
