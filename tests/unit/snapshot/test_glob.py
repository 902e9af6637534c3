import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.snapshot.glob import glob


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("gpt", "gpt", True),
        ("gpt", "gpt-4", False),
        ("gpt-*", "gpt-", True),
        ("gpt-*", "gp", False),
        ("*", "", True),
        ("*-mini", "gpt-mini", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "acb", False),
        ("a**c", "ac", True),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, text: str, fits: bool) -> None:
    assert glob(pattern).matches(text) is fits


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_it_is_what_the_regular_expression_says(pattern: str, text: str) -> None:
    meant = ".*".join(map(re.escape, pattern.split("*")))
    assert glob(pattern).matches(text) is (re.fullmatch(meant, text) is not None)


@pytest.mark.parametrize("pattern", ["a", "a*", "*", "*a", "a*b*c"])
def test_it_is_shown_as_it_was_written(pattern: str) -> None:
    assert str(glob(pattern)) == pattern


def test_no_pattern_takes_long() -> None:
    assert not glob("*a" * 120 + "b").matches("a" * 5000)
