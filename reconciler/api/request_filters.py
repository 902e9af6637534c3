"""Words by which requests are sought, as commands and the API take them."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from reconciler.errors import InvalidInput
from reconciler.store.traffic_query import ENDINGS

_CODE = re.compile(r"[1-5][0-9]{2}")
_CLASS = re.compile(r"[1-5]xx")
_WORDS = frozenset({"ok", "failed", *ENDINGS})
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_AGO = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Statuses(NamedTuple):
    """As SoughtRequests has them."""

    ranges: tuple[tuple[int, int], ...] = ()
    endings: tuple[str, ...] = ()
    failed: bool = False


def statuses(text: str) -> Statuses:
    """A status, a class of them, an ending, or a word: separated by commas. Raises InvalidInput."""
    words = text.split(",")
    for word in words:
        if word not in _WORDS and not _CODE.fullmatch(word) and not _CLASS.fullmatch(word):
            known = f"429, 5xx, ok, failed, {', '.join(ENDINGS)}"
            raise InvalidInput(f'"{word[:64]}" is no status; write {known}, or several with commas')
    if text == "failed":
        return Statuses(failed=True)
    if "failed" in words:
        raise InvalidInput("failed stands alone: it is every 4xx and 5xx but 499, and every broken answer")
    ranges = tuple(_range(word) for word in words if word not in ENDINGS)
    return Statuses(ranges, tuple(word for word in words if word in ENDINGS))


def moment(text: str, now: datetime) -> int:
    """Milliseconds since the epoch: as such, how long ago (2h, 7d), or a date or time. Raises InvalidInput."""
    if _MILLISECONDS.fullmatch(text):
        return int(text)
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            at = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(0, int(at.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise InvalidInput(
            f'"{text[:64]}" is no moment; write how long ago (7d, 2h), a date (2026-11-01), a time (2026-11-01T12:00:00Z)'
            " or milliseconds since the epoch"
        ) from None


def _range(word: str) -> tuple[int, int]:
    if word == "ok":
        return 200, 399
    return (int(word[0]) * 100, int(word[0]) * 100 + 99) if word.endswith("xx") else (int(word), int(word))
