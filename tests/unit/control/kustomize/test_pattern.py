import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.kustomize.pattern import MAX_PATTERN, PatternError, compile_pattern


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(parts, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", ""]))
    return st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        repeated.map(lambda pair: f"({pair[0]}){pair[1]}"),
    )


ATOMS = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    r"\w",
    r"\.",
    r"\d",
    r"\S",
    "-",
    "^",
    "$",
    "[a-b-]",
    r"[\d.]",
    r"[\-a]",
    "{",
    "]",
]
PATTERNS = st.recursive(st.sampled_from(ATOMS), joined, max_leaves=8)


@given(PATTERNS, st.text("ab.-1", max_size=6))
def test_it_matches_what_python_matches(pattern: str, text: str) -> None:
    other = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    assert compile_pattern(pattern).matches(text) is (other.fullmatch(text) is not None)


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("prod", "prod", "prod-1"),
        ("", "", "a"),
        ("a|b|cd", "cd", "ac"),
        ("(?:dev|prod)-.*", "prod-x", "test-x"),
        ("x{2,3}", "xxx", "xxxx"),
        ("x{,2}", "x{,2}", "x"),
        ("[]a]", "]", "b"),
        (r"a\sb", "a b", "a-b"),
        (r"\Da", "xa", "1a"),
    ],
)
def test_all_of_the_text_has_to_match(pattern: str, fits: str, fails: str) -> None:
    compiled = compile_pattern(pattern)
    assert compiled.matches(fits)
    assert not compiled.matches(fails)


def test_no_pattern_takes_long() -> None:
    """Python's own engine would need years for it."""
    assert not compile_pattern("((a|a)*)*b").matches("a" * 253)


def test_what_a_comparison_costs() -> None:
    assert compile_pattern("abc").cost == 1
    assert compile_pattern("a+").cost > compile_pattern("a.").cost > 1


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "a ( without its )"),
        ("a)", "a ) without its ("),
        ("[a", "a [ without its ]"),
        ("[^", "a [ without its ]"),
        ("a\\", "a \\ at the end"),
        ("*a", "nothing stands before *"),
        ("a**", "one repetition behind another"),
        ("a{2,1}", "a repetition is {m,n}"),
        ("a{1001}", "n at most 1000"),
        ("(?i)a", "only plain groups"),
        (r"\bq", "the escape \\b is not known"),
        ("[b-a]", "from a lower to a higher"),
        (r"[a-\d]", "from a lower to a higher"),
        ("[[:alpha:]]", "[:alpha:]"),
        (r"[\D]", "not known inside"),
        ("(" * 33 + "a" + ")" * 33, "more than 32 groups"),
        ("(a{500}){3}", "too large"),
        ("." * (MAX_PATTERN + 1), f"more than {MAX_PATTERN} characters"),
    ],
)
def test_what_is_no_pattern(pattern: str, message: str) -> None:
    with pytest.raises(PatternError, match=re.escape(message)):
        compile_pattern(pattern)
