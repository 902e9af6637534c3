"""Why an answer ended, in its protocol's own words: `stop`, `tool_calls`, `end_turn`, `completed`. Read without parsing it.

Inside a JSON string the quotes of a key are escaped, so what is found is a key. None where nobody told, or no word.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

Finish: TypeAlias = Callable[[bytes], str | None]
"""Of a plain answer, or of as much of its end as is kept."""

_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TOLD: Final = re.compile(rb'[ \t\n\r]*:[ \t\n\r]*"([A-Za-z0-9_.-]{1,64})"')
FINISH: Final = b'"finish_reason"'
STOP: Final = b'"stop_reason"'
_OUTPUT, _STATUS = b'"output"', b'"status"'
NEAR: Final = 2048
"""Bytes at the end that are looked at first: an answer is long, and what stands behind its text is not."""
_INCOMPLETE = re.compile(rb'"incomplete_details"\s*:\s*\{\s*"reason"\s*:\s*"([A-Za-z0-9_.-]{1,64})"')
_ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})


def word(told: object) -> str | None:
    """What an upstream tells of it, if that is a word."""
    return told if isinstance(told, str) and _WORD.fullmatch(told) else None


def of_choices(answer: bytes) -> str | None:
    """Of chat and text completions: the first choice's, mostly behind its text; of several long ones, a later one's."""
    at = answer.find(FINISH, -NEAR)
    if at < 0:
        at = answer.find(FINISH)
    told = None if at < 0 else _TOLD.match(answer, at + len(FINISH))
    return None if told is None else told[1].decode()


def of_message(answer: bytes) -> str | None:
    """Of Anthropic's Messages: the last, since the arguments of tools may hold such a key, and come before."""
    at = answer.rfind(STOP)
    return None if at < 0 else _after(answer, at + len(STOP))


def of_response(answer: bytes) -> str | None:
    """Of OpenAI's Responses: why it is incomplete, or else its status. Its items have one each, so where it stands counts."""
    output = answer.find(_OUTPUT)
    if output < 0:
        return None
    why = _INCOMPLETE.search(answer, 0, output)
    if why is not None:
        return why[1].decode()
    at = answer.find(_STATUS, 0, output)
    if at < 0:
        at = answer.rfind(_STATUS, output)
    status = None if at < 0 else _after(answer, at + len(_STATUS))
    return status if status in _ENDED else None


def of_ended_response(kind: str, response: object) -> str | None:
    """Of the event of this type that ends a stream."""
    details = response.get("incomplete_details") if isinstance(response, Mapping) else None
    why = word(details.get("reason")) if isinstance(details, Mapping) else None
    return why or kind.removeprefix("response.")


def _after(answer: bytes, key: int) -> str | None:
    told = _TOLD.match(answer, key)
    return None if told is None else told[1].decode()
