"""What the values of fields stand for, for who must not pay for the types that check them (`field_types`)."""

import re
from contextlib import suppress
from datetime import datetime

SECRET_TYPE = "secret"  # noqa: S105  the name of a field type
DURATION_TYPE = "duration"
NAME_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$"
"""Of objects' names."""
MAX_TEXT = 256

_DURATION_PART = re.compile(r"([0-9]{1,5})(h|ms|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def milliseconds(written: str | int) -> int:
    """The value of a duration: an integer is milliseconds, a string is a Gateway API duration (GEP-2257)."""
    if isinstance(written, int):
        return written
    return sum(int(count) * _MILLISECONDS[unit] for count, unit in _DURATION_PART.findall(written))


def moment(written: object) -> datetime | None:
    """The value of a moment as RFC 3339 writes it; None for what is none."""
    with suppress(ValueError):
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
        if found is not None and found.tzinfo is not None:
            return found
    return None
