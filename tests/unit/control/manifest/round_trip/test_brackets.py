import pytest

from reconciler.control.manifest.round_trip.brackets import Part, change_parts
from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Sequence
from reconciler.control.manifest.round_trip.splices import Splices


def changed(text: str, gone: str = "", **added: list[str]) -> str:
    """`text`, a list of letters, without those that are `gone`. `added`: by the letter that they come behind."""
    root = load(text)
    assert isinstance(root, Sequence)
    letters = [text[item.start : item.value.end] for item in root.items]
    parts = [
        Part(item.start, item.value.end, letter in gone)
        for item, letter in zip(root.items, letters, strict=True)
    ]
    splices = Splices(text, "\n")
    change_parts(
        splices, parts, {letters.index(at) if at != "first" else -1: new for at, new in added.items()}
    )
    return splices.made()


@pytest.mark.parametrize(
    ("gone", "after"),
    [("a", "[b , c]"), ("b", "[a, c]"), ("c", "[a, b]"), ("ab", "[c]"), ("bc", "[a]"), ("ac", "[b]")],
)
def test_commas_go_with_what_goes(gone: str, after: str) -> None:
    assert changed("[a, b , c]", gone) == after


def test_commas_come_with_what_comes() -> None:
    assert changed("[a, b]", a=["x", "y"]) == "[a, x, y, b]"
    assert changed("[a, b]", b=["x"]) == "[a, b, x]"
    assert changed("[a, b]", first=["x", "y"]) == "[x, y, a, b]"
    assert changed("[a, b,]", b=["x"]) == "[a, b, x,]"
    assert changed("[a, b]", "b", a=["x"]) == "[a, x]"


LINES = "[\n  a, # on a\n  b # on b\n]"


def test_lines_stay_lines() -> None:
    assert changed("[\n  a,\n  b\n]", b=["x", "y"]) == "[\n  a,\n  b,\n  x,\n  y\n]"
    assert changed("[\n  a,\n  b\n]", first=["x"]) == "[\n  x,\n  a,\n  b\n]"
    assert changed("[\n  a,\n  b\n]", "a") == "[\n  b\n]"
    assert changed("[\n  a,\n  b\n]", "b") == "[\n  a\n]"


def test_comments_stay_with_what_they_are_on() -> None:
    assert changed(LINES, a=["x"]) == "[\n  a, # on a\n  x,\n  b # on b\n]"
    assert changed(LINES, b=["x"]) == "[\n  a, # on a\n  b, # on b\n  x\n]"
    assert changed(LINES, "b") == "[\n  a, # on a\n]"
    assert changed(LINES, "a") == "[\n  b # on b\n]"
    assert changed("[\n  a, # on a\n]", a=["x"]) == "[\n  a, # on a\n  x,\n]"
    assert changed("[ # c\n  a, b]", "b") == "[ # c\n  a]"
    assert changed("[a, # c\n  b, c]", "bc") == "[a, # c\n  ]"


def test_a_number_sign_in_quotes_is_no_comment() -> None:
    assert changed("[a, '#', c]", "'#'c") == "[a]"
    assert changed("[\n  a ] # c", a=["x"]) == "[\n  a,\n  x ] # c"
    assert changed("[\n  a, '#' ]", a=["x"]) == "[\n  a,\n  x, '#' ]"
