"""How many there were in the last so many seconds, to a tenth of the window. Its memory does not grow with them."""

from collections import deque

SLOTS = 10


class SlidingCount:
    """`now` never goes back."""

    __slots__ = ("_slots", "_total", "_width")

    def __init__(self, window: float) -> None:
        self._width = window / SLOTS
        self._slots: deque[list[int]] = deque()
        self._total = 0

    def add(self, now: float) -> None:
        slot = int(now / self._width)
        if not self._slots or self._slots[-1][0] != slot:
            self._slots.append([slot, 0])
            self._forget(slot)
        self._slots[-1][1] += 1
        self._total += 1

    def total(self, now: float) -> int:
        self._forget(int(now / self._width))
        return self._total

    def _forget(self, slot: int) -> None:
        while self._slots and self._slots[0][0] <= slot - SLOTS:
            self._total -= self._slots.popleft()[1]
