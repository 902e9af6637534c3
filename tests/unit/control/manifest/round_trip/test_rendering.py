import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.layout import Style
from reconciler.control.manifest.round_trip.nodes import Scalar
from reconciler.control.manifest.round_trip.rendering import (
    Rendered,
    as_before,
    entry_lines,
    flow_scalar,
    in_flow,
    item_lines,
    rendered,
    short_flow,
)
from reconciler.json_types import JsonValue

scalars = (
    st.text(max_size=12)
    | st.sampled_from(["a\nb\n", "x: y", "- z", "on", "{", "p,q"])
    | st.integers(-9, 9)
    | st.booleans()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
styles = st.builds(Style, st.sampled_from([2, 3, 4]), st.sampled_from([0, 2, 4]))


def read(text: str) -> JsonValue:
    reading = read_text(text, "a.yaml")
    assert reading.problems == (), text
    return reading.documents[0].data["k"]


def readable(value: JsonValue) -> bool:
    return "\\u0000" not in in_flow(value, Style(json=True)) and "\\ud" not in in_flow(
        value, Style(json=True)
    )


@given(values.filter(readable), styles)
def test_a_block_reads_as_the_value(value: JsonValue, style: Style) -> None:
    assert read("".join(f"{line}\n" for line in entry_lines("k", value, style))) == value
    assert read("k:\n" + "".join(f"{line}\n" for line in item_lines(value, style))) == [value]


@given(values.filter(readable), st.booleans(), st.booleans())
def test_flow_reads_as_the_value(value: JsonValue, json: bool, multiline: bool) -> None:
    text = in_flow(value, Style(json=json), indent=2, multiline=multiline)
    assert read('{"k": ' + text + "}") == value


@given(st.text(max_size=30).filter(readable), st.sampled_from(["'", '"', "|", ">", None]))
def test_text_reads_as_itself_in_the_writing_that_was_there(value: str, style: str | None) -> None:
    written = {"|": "|\n  some words\n", ">": ">-\n  some words\n"}.get(style or "", "x")
    before = Scalar(0, 0, 1, None, "x", style)
    found = as_before(value, before, Style(), flow=False, written=written)
    if found is not None:
        lines = "".join(f"{line}\n" for line in found.lines)
        assert read(f"k: {found.inline}\n{lines}") == value
        assert found.inline.startswith(style or "")


@pytest.mark.parametrize(
    ("value", "style", "flow"),
    [
        ("x", None, False),
        ("x\ny", "'", False),
        ("x", "|", True),
        (" x", "|", False),
        ("x\n y", ">", False),
        ("", ">", False),
    ],
)
def test_some_text_does_not_fit_what_was_there(value: str, style: str | None, flow: bool) -> None:
    before = Scalar(0, 0, 1, None, "x", style)
    assert as_before(value, before, Style(), flow=flow, written="|\n  x\n") is None


def test_a_comment_behind_the_header_of_a_block_stays() -> None:
    before = Scalar(0, 0, 1, None, "x", "|")
    found = as_before("a", before, Style(), flow=False, written="|+  # why\n  x\n")
    assert found == Rendered("|- # why", ("  a",))


def test_a_folded_text_keeps_its_width() -> None:
    before = Scalar(0, 0, 1, None, "x", ">")
    text = "some words and more words, " + "x" * 40 + " end"
    found = as_before(text, before, Style(), flow=False, written=">-\n  twenty characters, or\n  so\n")
    assert found == Rendered(">-", ("  some words and more", "  words,", "  " + "x" * 40, "  end"))


def test_a_list_stands_where_lists_stand() -> None:
    assert rendered(["a", {"b": 1, "c": ["d"]}], Style(4, 2)) == Rendered(
        "", ("  - a", "  - b: 1", "    c:", "      - d")
    )
    assert rendered({"a": {"b": []}}, Style(4, 0)) == Rendered("", ("    a:", "        b: []"))


def test_brackets_want_quotes_that_blocks_do_not() -> None:
    assert (flow_scalar("a,b"), flow_scalar("http://a/b"), flow_scalar("a b")) == (
        '"a,b"',
        '"http://a/b"',
        "a b",
    )


def test_what_is_long_is_not_written_in_one_line() -> None:
    assert short_flow({"a": 1}, Style()) == "{a: 1}"
    assert short_flow({"a": "b" * 60}, Style()) is None
