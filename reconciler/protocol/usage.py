"""Token counts out of an answer. An upstream may write anything there; what makes no sense is not counted.

Two spellings are read: `prompt_tokens` and `completion_tokens`, and `input_tokens` and `output_tokens`. Beside the
latter Anthropic counts what it read from its cache, and wrote into it, apart; OpenAI counts it in.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

MAX_TOKENS: Final = 2**31 - 1
"""More than any answer can hold: a larger count is taken for noise."""


USAGE: Final = b'"usage"'
_USAGE_OPENING: Final = re.compile(r'"usage"[ \t\n\r]*:[ \t\n\r]*')
_USAGE_CLOSING: Final = re.compile(r"[ \t\n\r]*}[ \t\n\r]*")
_SCAN: Final[Callable[[str, int], tuple[object, int]]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed lacks it
_TRIES: Final = 8
"""So many keys of that name are looked at, the last ones: an answer may be full of them."""

_CACHED = ("cache_read_input_tokens", "cache_creation_input_tokens")


class Usage:
    """`estimated`: not, or not all, as the upstream told; see `estimate`. Never changed once it is made."""

    __slots__ = ("completion_tokens", "estimated", "prompt_tokens", "total_tokens")

    def __init__(
        self,
        prompt_tokens: int,
        completion_tokens: int,
        total_tokens: int,
        estimated: bool = False,
    ) -> None:
        self.prompt_tokens = prompt_tokens
        self.completion_tokens = completion_tokens
        self.total_tokens = total_tokens
        self.estimated = estimated

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Usage) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def __repr__(self) -> str:
        return "Usage({}, {}, {}, estimated={})".format(*self._told())

    def _told(self) -> tuple[int, int, int, bool]:
        return self.prompt_tokens, self.completion_tokens, self.total_tokens, self.estimated


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
        end = tail.rfind(USAGE, 0, end)
        if end < 0:
            return None
        found = _last_member(tail[end:])
        if found is not None:
            return found
    return None


def _last_member(rest: bytes) -> Usage | None:
    """Of `"usage": {...}}`, where no more than that follows."""
    try:
        text = rest.decode()
        opening = _USAGE_OPENING.match(text)
        if opening is None:
            return None
        given, end = _SCAN(text, opening.end())
    except (StopIteration, ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    if text[end:] == "}" or _USAGE_CLOSING.fullmatch(text, end) is not None:
        return _usage(given)
    return read_usage(b"{" + rest)  # other members follow


def usage_of(answer: object) -> Usage | None:
    """As read_usage, of an answer that is already parsed."""
    given = answer.get("usage") if isinstance(answer, dict) else None
    return _usage(given) if isinstance(given, dict) else None


def _usage(given: Mapping[str, object]) -> Usage | None:
    prompt, completion, total = (
        given.get("prompt_tokens"),
        given.get("completion_tokens"),
        given.get("total_tokens"),
    )
    if (
        type(prompt) is type(completion) is type(total) is int
        and 0 <= prompt <= MAX_TOKENS
        and 0 <= completion <= MAX_TOKENS
        and 0 <= total <= MAX_TOKENS
    ):
        return Usage(prompt, completion, total)  # as nearly all tell it
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
