"""How many there were in the last so many seconds, to a tenth of the window. Its memory does not grow with them."""

from collections import deque
from math import inf

SLOTS = 10


class SlidingCount:
    """`now` never goes back."""

    __slots__ = ("_newest", "_slots", "_total", "_turns_at", "_width")

    def __init__(self, window: float) -> None:
        self._width = window / SLOTS
        self._newest = [-SLOTS, 0]
        self._slots: deque[list[int]] = deque([self._newest])
        self._turns_at = -inf
        self._total = 0

    def add(self, now: float) -> None:
        if now >= self._turns_at:
            self._turn(int(now / self._width))
        self._newest[1] += 1
        self._total += 1

    def _turn(self, slot: int) -> None:
        self._newest = [slot, 0]
        self._slots.append(self._newest)
        self._turns_at = (slot + 1) * self._width
        self._forget(slot)

    def total(self, now: float) -> int:
        self._forget(int(now / self._width))
        return self._total

    def _forget(self, slot: int) -> None:
        while self._slots and self._slots[0][0] <= slot - SLOTS:
            self._total -= self._slots.popleft()[1]
