"""How many tokens a request is taken to need, before anybody has counted them: no less than it looks like.

A quarter of its bytes for the prompt, as in `estimate`; of a large body, which may be full of pictures, its texts alone.
For the answer what the request allows it, or a guess, for each that it asks for. What was really used replaces it when the answer is over.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeGuard

from reconciler.protocol.estimate import PROMPT_MEMBERS, prompt_bytes, tokens

GUESSED_ANSWER: Final = 256
"""Tokens of an answer that the request sets no bound to."""

LOOKED_INTO: Final = 32 * 1024
"""Bytes of a body, from which on its texts are counted one by one."""

BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_SEVERAL = ("n", "best_of")
_ESCAPE: Final = b"\\u00"
"""How a letter of a name may be written otherwise."""
_NOTHING: Mapping[str, object] = MappingProxyType({})
LIMITING = frozenset((*BOUNDS, *_SEVERAL))
WEIGHING = LIMITING | frozenset(PROMPT_MEMBERS)
_MOST: Final = 999_999_999

_BOUND: Final = re.compile(
    rb'"max_(?:completion_|output_)?tokens"[ \t\r\n]*:[ \t\r\n]*([0-9]{1,9})(?![0-9.eE])'
)
"""Within a string its quotes would be escaped."""
_CHOICES: Final = re.compile(rb'"(?:n|best_of)"[ \t\r\n]*:[ \t\r\n]*([0-9]{1,9})(?![0-9.eE])')


class Weight(NamedTuple):
    """Of a body whose members were read: tokens of its texts, those that it allows an answer, and how many answers it asks for."""

    prompt: int
    answer: int
    answers: int


def weight(members: Mapping[str, object]) -> Weight:
    """`members` are the values of those in WEIGHING that the body has."""
    bounds = [bound for bound in map(members.get, BOUNDS) if _counts(bound)]
    several = [number for number in map(members.get, _SEVERAL) if _counts(number)]
    return Weight(
        tokens(prompt_bytes(members)), max(bounds, default=GUESSED_ANSWER), max(several, default=1) or 1
    )


def reservation(
    body: bytes, known: Weight | None = None, asked: int | None = None, *, answers: bool
) -> tuple[int, int]:
    """Of the prompt, and of the answer. `answers`: what is asked for is text, which has tokens of its own.

    `known` and `asked` are what was learnt of it when it was read, as `weight` and `asked_for` tell.
    """
    if asked is not None:
        return tokens(len(body)), asked if answers else 0
    if known is None and len(body) >= LOOKED_INTO:
        known = weight(_members(body))
    if known is not None:
        return known.prompt, known.answer * known.answers if answers else 0
    return tokens(len(body)), _searched(body) if answers else 0


def asked_for(limits: bytes, *, bounded: bool) -> int:
    """Tokens of all answers. `limits` are the members of a body that may say something of them, as they were written.

    Not `bounded`, by a member at the top: what others say may be more than the guess, and never less.
    """
    answer, many = _told(limits)
    return (answer if bounded else max(answer, GUESSED_ANSWER)) * many


def _searched(body: bytes) -> int:
    answer, many = _told(body)
    if body.find(_ESCAPE) >= 0:
        read = weight(_members(body))
        answer, many = max(read.answer, answer if _BOUND.search(body) else 0), max(read.answers, many)
    return answer * many


def _told(text: bytes) -> tuple[int, int]:
    """Tokens of an answer, and how many answers.

    Wherever they stand, the largest: a small one in some other member would hide the one that counts.
    """
    answer = max(map(int, _BOUND.findall(text)), default=GUESSED_ANSWER)
    if not _asks_for_several(text):
        return answer, 1
    return answer, max([1, *map(int, _CHOICES.findall(text))])


def _asks_for_several(body: bytes) -> bool:
    return body.find(b'"n"') >= 0 or body.find(b'"best_of"') >= 0  # `in` first tries whether it is a number


def _members(body: bytes) -> Mapping[str, object]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING
    return read if isinstance(read, dict) else _NOTHING


def _counts(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MOST
