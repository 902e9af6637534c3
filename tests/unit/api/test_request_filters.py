from datetime import UTC, datetime

import pytest

from reconciler.api.request_filters import Statuses, moment, statuses
from reconciler.errors import InvalidInput

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MIDNIGHT = 1_795_305_600_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("429", Statuses(((429, 429),))),
        ("5xx,ok", Statuses(((500, 599), (200, 399)))),
        ("gone,404", Statuses(((404, 404),), ("gone",))),
        ("failed", Statuses(failed=True)),
    ],
)
def test_statuses(text: str, found: Statuses) -> None:
    assert statuses(text) == found


@pytest.mark.parametrize("text", ["", "600", "5x", "ok,", "failed,429", "429 "])
def test_what_is_no_status(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"is no status|stands alone"):
        statuses(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1790000000000", 1_790_000_000_000),
        ("2h", MIDNIGHT - 7_200_000),
        ("1w", MIDNIGHT - 7 * 86_400_000),
        ("2026-11-22", MIDNIGHT),
        ("2026-11-22T02:00:00+02:00", MIDNIGHT),
        ("1000-01-01", 0),
    ],
)
def test_moments(text: str, found: int) -> None:
    assert moment(text, NOW) == found


@pytest.mark.parametrize("text", ["", "yesterday", "999999w", "-1", "2026-13-01", "1" * 16])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no moment"):
        moment(text, NOW)
