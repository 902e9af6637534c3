"""What stands at the end of a plain answer: why it ended, and what it used. Looked up, where an end of that shape was read before.

An upstream writes the ends of its answers alike, but for their digits. With these made alike an end is a shape. What a
shape tells, and from which numbers, is found once: by the readers in `usage` and `finish_reasons`, which are asked what
becomes of the usage when a number is another. From then on only the numbers are read; all else goes to the readers.
"""

import re
from typing import Final

from reconciler.protocol.estimate import text_bytes
from reconciler.protocol.finish_reasons import FINISH, NEAR, STOP, Finish, of_choices, of_message, of_response
from reconciler.protocol.usage import USAGE, Usage, read_usage, usage_at_end

LONGEST: Final = 1024
"""Bytes of an end that is looked up."""

KEPT = 512
WORTH = 16
"""So often each shape has to be found, on average, before all are forgotten and others learned."""

_NUMBERS: Final = 48
_DIGITS: Final = 9
"""Of a number that is counted whatever its digits are: see MAX_TOKENS."""

_ALIKE: Final = bytes.maketrans(b"023456789", b"111111111")
_NUMBER: Final = re.compile(rb"[0-9]+")
_ZERO: Final = 48

Places = list[tuple[int, int]]
"""Where numbers begin and end that are summed up."""


class Shape:
    """What ends of one shape tell."""

    __slots__ = ("_completion", "_prompt", "_total", "reason")

    def __init__(self, prompt: Places, completion: Places, total: Places, reason: str | None) -> None:
        self._prompt = prompt
        self._completion = completion
        self._total = total
        self.reason = reason

    def usage(self, end: bytes) -> Usage | None:
        """Of an end of this shape. None where a number begins with a zero: JSON has no such number."""
        prompt = _sum(end, self._prompt)
        completion = _sum(end, self._completion)
        total = _sum(end, self._total)
        return None if prompt < 0 or completion < 0 or total < 0 else Usage(prompt, completion, total)


def _sum(end: bytes, places: Places) -> int:
    """-1: a number is none."""
    whole = 0
    for at, stop in places:
        number = end[at] - _ZERO
        if not number and stop - at > 1:
            return -1
        at += 1  # noqa: PLW2901
        while at < stop:
            number = number * 10 + end[at] - _ZERO
            at += 1  # noqa: PLW2901
        whole += number
    return whole


class Ends:
    """Of answers whose `finish` is read this way. One a process; holds no text that a model wrote, and shows nothing.

    `found`: how often one was looked up since all were forgotten last.
    """

    def __init__(self, finish: Finish | None) -> None:
        self._finish = finish
        self._mark = FINISH if finish is of_choices else STOP if finish is of_message else USAGE
        self._first = finish is of_choices
        self._tells_reason = self._mark != USAGE
        self._known: dict[bytes, Shape] = {}
        self._seen: set[int] = set()
        self._turned_away = 0
        self.found = 0

    def read(self, answer: bytes, *, whole: bool = True) -> tuple[Usage | None, str | None]:
        """Usage and finish reason. Not `whole`: its last bytes, which usage is to be read of all the same."""
        near = answer if len(answer) <= NEAR else answer[-NEAR:]
        end = (near.partition(self._mark) if self._first else near.rpartition(self._mark))[2]
        length = len(end)
        if 0 < length <= LONGEST and length < len(near):
            alike = end.translate(_ALIKE)
            shape = self._known.get(alike)
            if shape is None:
                self._learn(alike)
            else:
                usage = shape.usage(end)
                if usage is not None:
                    self.found += 1
                    return usage, shape.reason if self._tells_reason else self._reason(answer)
        usage = usage_at_end(answer)
        if usage is None and whole:  # it is told further ahead, or never
            usage = read_usage(answer)
        return usage, self._reason(answer)

    def _reason(self, answer: bytes) -> str | None:
        return None if self._finish is None else self._finish(answer)

    def _learn(self, alike: bytes) -> None:
        """One that was seen before: some upstreams end each answer otherwise."""
        seen = hash(alike)
        if seen not in self._seen:
            if len(self._seen) >= KEPT:
                self._seen.clear()
            self._seen.add(seen)
            return
        if len(self._known) >= KEPT:
            self._turned_away += 1
            if max(self.found, self._turned_away) < WORTH * KEPT:
                return
            self._known.clear()
            self.found = self._turned_away = 0
        end = self._mark + alike
        shape = _shape(end, len(self._mark), self._reason(end) if self._tells_reason else None)
        if shape is not None:
            self._known[alike] = shape
        self._seen.discard(seen)


def _shape(end: bytes, mark: int, reason: str | None) -> Shape | None:
    """Of an `end` with its mark, whose places are told without. None where it has no usage, or anything is doubtful."""
    told = usage_at_end(end)
    numbers = [found.span() for found in _NUMBER.finditer(end)]
    if told is None or len(numbers) > _NUMBERS or b"\\" in end or text_bytes(end) or "1" in (reason or ""):
        return None
    before = _counts(told)
    places: list[Places] = [[], [], []]
    sums = [0, 0, 0]
    for start, stop in numbers:
        other = usage_at_end(end[:start] + b"2" + end[start + 1 :])
        if other is None:
            return None
        for which, after in enumerate(_counts(other)):
            if after == before[which]:
                continue
            if after - before[which] != 10 ** (stop - start - 1) or stop - start > _DIGITS:
                return None
            places[which].append((start - mark, stop - mark))
            sums[which] += int(end[start:stop])
    return Shape(places[0], places[1], places[2], reason) if sums == before else None


def _counts(usage: Usage) -> list[int]:
    return [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]


_ENDS: Final[dict[Finish | None, Ends]] = {
    finish: Ends(finish) for finish in (None, of_choices, of_message, of_response)
}


def ends_of(finish: Finish | None) -> Ends:
    """Those of answers whose finish reason is read so."""
    found = _ENDS.get(finish)
    return Ends(finish) if found is None else found
