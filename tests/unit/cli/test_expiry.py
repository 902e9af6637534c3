import click
import pytest
from fakes.doors import HandClock

from reconciler.cli.expiry import Expiry, ExpiryWord


def read(text: str) -> Expiry:
    return ExpiryWord().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90d", "2026-08-30T00:00:00Z"),
        ("12h30m", "2026-06-01T12:30:00Z"),
        ("2027-01-31", "2027-01-31T00:00:00Z"),
    ],
)
def test_it_is_in_so_long_or_at_a_time(text: str, end: str) -> None:
    assert read(text).timestamp(HandClock()) == end
    assert ExpiryWord().convert(read(text), None, None) == read(text)


def test_what_has_passed_is_no_end() -> None:
    for text in ("2020-01-01", "0d"):
        with pytest.raises(click.UsageError, match="has passed"):
            read(text).at(HandClock())
    with pytest.raises(click.UsageError, match="--overlap: that moment has passed"):
        read("0s").at(HandClock(), "--overlap")
    assert read("0s").timestamp(HandClock(), at_once=True) == "2026-06-01T00:00:00Z"
    with pytest.raises(click.BadParameter, match="is no end"):
        read("soon")
