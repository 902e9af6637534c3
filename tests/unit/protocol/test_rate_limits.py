from email.utils import formatdate

import pytest

from reconciler.protocol.rate_limits import duration, in_anthropics_words, in_openais_words, used_up

DATE = ("date", "Sun, 22 Nov 2026 10:00:00 GMT")


def openai(reset: str, remaining: str = "0", what: str = "requests") -> tuple[tuple[str, str], ...]:
    return ((f"x-ratelimit-remaining-{what}", remaining), (f"x-ratelimit-reset-{what}", reset))


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1s", 1.0), ("1m30.5s", 60.0), ("120ms", 0.12), ("0m7s", 7.0), ("7.66", 7.66), ("2h", 60.0)],
)
def test_a_reset_of_what_is_used_up(reset: str, seconds: float) -> None:
    assert used_up(openai(reset)) == seconds


@pytest.mark.parametrize("reset", ["", "soon", "-1s", "1d", "9" * 40])
def test_what_makes_no_sense_is_not_told(reset: str) -> None:
    assert used_up(openai(reset)) is None


def test_the_longest_counts_of_those_that_are_used_up() -> None:
    assert used_up((*openai("3s"), *openai("5s", what="tokens"), *openai("9s", "4", "images"))) == 5.0
    assert used_up(openai("9s", "1")) is None
    assert used_up((("x-ratelimit-remaining-tokens", "0"),)) is None
    assert used_up(()) is None


@pytest.mark.parametrize(
    ("reset", "date", "seconds"),
    [
        ("2026-11-22T10:00:30Z", DATE, 30.0),
        ("2026-11-22T09:00:00Z", DATE, 0.0),
        ("2026-11-22T12:00:00Z", DATE, 60.0),
        ("2026-11-22T10:00:30Z", ("x", "y"), None),
        ("2026-11-22T10:00:30Z", ("date", "today"), None),
        ("2026-11-22T10:00:30", DATE, None),
        ("later", DATE, None),
    ],
)
def test_a_moment_as_anthropic_tells_it(reset: str, date: tuple[str, str], seconds: float | None) -> None:
    headers = (
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        ("anthropic-ratelimit-input-tokens-reset", reset),
        date,
    )
    assert used_up(headers) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1s"), (60, "1m0s"), (61.5, "1m2s"), (3600, "1h0m0s"), (86_400, "24h0m0s"), (3661, "1h1m1s")],
)
def test_a_duration_as_openai_writes_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_own_rates_are_told_in_openais_words() -> None:
    assert in_openais_words("requests", 60, 60.0) == (
        ("x-ratelimit-limit-requests", "60"),
        "x-ratelimit-remaining-requests",
        ("x-ratelimit-reset-requests", "1m0s"),
    )


def test_and_in_anthropics_with_a_moment() -> None:
    limit, remaining, (name, moment) = in_anthropics_words("tokens", 1000, 60.0)
    assert limit == ("anthropic-ratelimit-tokens-limit", "1000")
    assert (remaining, name) == ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset")
    assert moment.endswith("Z")
    assert used_up(((remaining, "0"), (name, moment), ("date", formatdate(usegmt=True)))) is not None
