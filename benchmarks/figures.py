"""Samples, their spread, and tables in Markdown, which read well on a terminal too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, samples: Iterable[float]) -> "Spread":
        """`middle` is the median. Raises ValueError for no samples."""
        ordered = sorted(samples)
        if not ordered:
            raise ValueError("nothing was measured")
        return cls(ordered[0], median(ordered), ordered[-1])

    def text(self, form: Callable[[float], str]) -> str:
        middle, low, high = form(self.middle), form(self.low), form(self.high)
        return middle if low == high else f"{middle} ({low} to {high})"


def ratios(samples: Sequence[float], bases: Sequence[float]) -> Spread:
    """Each sample over the base of the same round; infinite where that was too short to be seen."""
    return Spread.of(sample / base if base else inf for sample, base in zip(samples, bases, strict=True))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of samples in ascending order; 0 where there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are figures."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(line, widths) for line in (lines[0], rule, *lines[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = [
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join([first, *rest])} |"


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def milliseconds(value: float) -> str:
    """`value` is in seconds."""
    digits = 0 if value >= 0.1 else 1 if value >= 0.01 else 2
    return f"{value * 1e3:,.{digits}f} ms"


def microseconds(value: float) -> str:
    """`value` is in seconds."""
    return f"{value * 1e6:,.0f} us"


def times(value: float) -> str:
    if not isfinite(value):
        return "-"
    return f"{value:.1f}x" if value >= 9.95 else f"{value:.2f}x" if value >= 0.095 else f"{value:.3f}x"


def mebibytes(value: float) -> str:
    """`value` is in bytes."""
    return f"{value / 2**20:.0f} MiB"


def count(value: float) -> str:
    return f"{value:,.0f}"


def kibibytes(value: float) -> str:
    return f"{value / 1024:,.1f} KiB"


def mebibytes_and_tenths(value: float) -> str:
    return f"{value / 2**20:,.1f} MiB"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be `least` at least, or `most` at most; its median is held against it."""

    name: str
    measured: Spread
    form: Callable[[float], str]
    least: float | None = None
    most: float | None = None

    @property
    def bound(self) -> str:
        if self.least is not None:
            return f">= {self.form(self.least)}"
        return f"<= {self.form(self.most)}" if self.most is not None else "-"

    @property
    def held(self) -> bool:
        middle = self.measured.middle
        return (self.least is None or middle >= self.least) and (self.most is None or middle <= self.most)


def goals_table(goals: Iterable[Goal]) -> str:
    rows = [
        [goal.name, goal.measured.text(goal.form), goal.bound, "yes" if goal.held else "no"] for goal in goals
    ]
    return table(["figure", "measured", "goal", "held"], rows)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a report: Markdown, and what of it is held against a goal."""

    text: str
    goals: tuple[Goal, ...] = ()
