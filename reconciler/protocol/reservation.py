"""How many tokens a request is taken to need, before anybody has counted them: no less than it looks like.

A quarter of its bytes for the prompt, as in `estimate`; of a large body, which may be full of pictures, its texts alone.
For the answer what the request allows it, or a guess, for each that it asks for. What was really used replaces it when the answer is over.
"""

import re

from reconciler.protocol.estimate import estimated, tokens

GUESSED_ANSWER = 256
"""Tokens of an answer that the request sets no bound to."""

LOOKED_INTO = 32 * 1024
"""Bytes of a body, from which on its texts are counted one by one."""

_BOUND = re.compile(rb'"max_(?:completion_|output_)?tokens"[ \t\r\n]*:[ \t\r\n]*([0-9]{1,9})(?![0-9.eE])')
"""Within a string its quotes would be escaped."""
_CHOICES = re.compile(rb'"(?:n|\\u006[eE]|best_of)"[ \t\r\n]*:[ \t\r\n]*([0-9]{1,4})(?![0-9.eE])')


def reservation(body: bytes, *, answers: bool) -> tuple[int, int]:
    """Of the prompt, and of the answer. `answers`: what is asked for is text, which has tokens of its own."""
    prompt = tokens(len(body)) if len(body) < LOOKED_INTO else estimated(body, 0).prompt_tokens
    if not answers:
        return prompt, 0
    # wherever they stand, the largest: a small one in some other member would hide the one that counts
    answer = max(map(int, _BOUND.findall(body)), default=GUESSED_ANSWER)
    if b'"n"' in body or b"\\u006" in body or b'"best_of"' in body:
        answer *= max([1, *map(int, _CHOICES.findall(body))])
    return prompt, answer
