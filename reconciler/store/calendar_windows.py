"""Windows of the calendar, in UTC: which one a moment lies in. Moments are seconds of the epoch; a week begins on Monday."""

from datetime import UTC, datetime
from typing import Final

HOUR, DAY, WEEK, MONTH = "hour", "day", "week", "month"

LENGTHS: Final = {HOUR: 3600.0, DAY: 86_400.0, WEEK: 604_800.0, MONTH: 31 * 86_400.0}
"""The longest that each may be, in seconds."""

_FIRST_MONDAY = 4 * 86_400.0


def window_of(name: str, moment: float) -> tuple[float, float]:
    """Its first moment, and that after its last."""
    if name == MONTH:
        return _month(moment)
    length = LENGTHS[name]
    offset = _FIRST_MONDAY if name == WEEK else 0.0
    begin = (moment - offset) // length * length + offset
    return begin, begin + length


def _month(moment: float) -> tuple[float, float]:
    at = datetime.fromtimestamp(moment, UTC)
    begin = datetime(at.year, at.month, 1, tzinfo=UTC)
    end = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    return begin.timestamp(), end.timestamp()
