import click
import pytest
from fakes.store import SteppingClock

from reconciler.cli.moments import Moment, MomentWord


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("90s", "2025-12-31T23:58:31Z"),
        ("2h30m", "2025-12-31T21:30:01Z"),
        ("1w1d", "2025-12-24T00:00:01Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T12:00", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z"),
    ],
)
def test_how_long_ago_or_when(word: str, moment: str) -> None:
    assert MomentWord().convert(word, None, None).timestamp(SteppingClock()) == moment


def test_what_was_read_already_stays() -> None:
    moment = Moment()
    assert MomentWord().convert(moment, None, None) is moment


@pytest.mark.parametrize("word", ["", "soon", "2", "2026-13-01", "h", "-2h", "999999999999s"])
def test_what_is_no_moment(word: str) -> None:
    with pytest.raises(click.BadParameter, match="is no moment"):
        MomentWord().convert(word, None, None)


def test_longer_ago_than_there_were_years() -> None:
    assert MomentWord().convert("99999d", None, None).timestamp(SteppingClock()) == "1752-03-19T00:00:01Z"
