"""THE rule for tokens that no upstream told: one for every four bytes of text, rounded up.

Of a prompt, all texts of the request count, tools and instructions included, and not what stands for a picture, a file
or a sound. Of an answer, the text that it holds counts as its JSON spells it, as far as it was passed on: reasoning
and the arguments of tools included. An estimate begins with the answer: a request that was refused used nothing.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from reconciler.protocol.usage import Usage

BYTES_PER_TOKEN: Final = 4

PROMPT_MEMBERS = ("messages", "input", "prompt", "system", "instructions", "tools", "query", "documents")
"""The members of a body that a prompt is in."""
_NO_TEXT = frozenset(
    {
        "b64_json",
        "data",
        "encrypted_content",
        "file_data",
        "id",
        "image_url",
        "role",
        "signature",
        "type",
        "url",
    }
)

_STRING = rb'"\s*:\s*"((?:[^"\\]++|\\.)*+)'
_TEXT = re.compile(
    rb'"(?=[ctrap])(?:content|text|reasoning_content|reasoning|refusal|arguments|thinking|partial_json)'
    + _STRING
)
_DELTA = re.compile(rb'"delta' + _STRING)


def tokens(text_bytes: int) -> int:
    return -(-text_bytes // BYTES_PER_TOKEN)


def text_bytes(answer: bytes) -> int:
    """Of an answer, or of the events of a stream."""
    return sum(map(len, _TEXT.findall(answer)))


def only_text(event: bytes) -> tuple[int, int] | None:
    """Where the one text of an event begins and ends; None where it has none, or several."""
    found = [each.span(1) for each in _TEXT.finditer(event)]
    return found[0] if len(found) == 1 else None


def delta_bytes(events: bytes) -> int:
    """As text_bytes, of a stream whose other events repeat what its deltas said."""
    return sum(map(len, _DELTA.findall(events)))


def estimated(body: bytes, answer_bytes: int, told_prompt: int | None = None) -> Usage:
    """`body` is the request's JSON, `answer_bytes` as above. `told_prompt`: what the upstream itself said of it."""
    prompt = tokens(_prompt_bytes(body)) if told_prompt is None else told_prompt
    completion = tokens(answer_bytes)
    return Usage(prompt, completion, prompt + completion, estimated=True)


def _prompt_bytes(body: bytes) -> int:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return 0
    return prompt_bytes(request) if isinstance(request, dict) else 0


def prompt_bytes(members: Mapping[str, object]) -> int:
    """`members` are the values of those in PROMPT_MEMBERS that the body has."""
    counted = 0
    waiting: list[object] = [members.get(name) for name in PROMPT_MEMBERS]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            counted += len(value) if value.isascii() else len(value.encode(errors="replace"))
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [inner for name, inner in value.items() if name not in _NO_TEXT]
    return counted
