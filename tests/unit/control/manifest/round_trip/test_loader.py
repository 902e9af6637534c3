import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.loader import UnreadableError, load
from reconciler.control.manifest.round_trip.nodes import (
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    at_path,
    data_of,
)

PARTS = [
    "a", "b", "c: ", "d:", " ", "  ", "\n", "\n  ", "\n    ", "- ", "? ", ": ", "# c", "#", "&x ", "*x", "{", "}", "[",
    "]", ", ", "'", '"', "|", "|-", "|+", "|2", ">", ">-", ">+", "\n\n", "1", "0x1f", "~", "true", "...", "---", "é",
    "\\n", "\r\n", "'q'", '"r\\u00e9\\ud83d\\ude00"', "a: b", "e: [1, 2]", "f: {g: h}", "k: |\n  text\n", "\n# c\n",
    "k: >\n  t\n  u\n\n  v\n", " # d\n", "\n  # e\n", "\t", "l:\n- m\n", "n: &x {o: p}\n", "q: *x\n",
]  # fmt: skip


def root(text: str) -> Node:
    found = load(text)
    assert found is not None
    return found


def shown(text: str, *path: str) -> str:
    """What stands at `path`, with its anchor."""
    node = at_path(root(text), path)
    assert node is not None
    return text[node.start : node.end]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_it_agrees_with_our_reader_on_what_both_read(text: str) -> None:
    reading = read_text(f"a: 1\n{text}", "a.yaml")
    if reading.problems or len(reading.documents) != 1:
        return
    document = reading.documents[0]
    try:
        found = root(document.text)
    except UnreadableError:
        return
    assert data_of(found) == document.data


TEXT = """\
plain: one
  two # c
quoted: &q "a b"   # c
block: |-  # header
  lines

  end

# c
folded: &f >
  one
  two

keep: |+
  x

empty:
anchored: &e
map:   &m # c
  # d
  x: 1 # e
  # f
? odd
: &l
- a
-
- &i {b: 1, c: [*q, 2, ]}
- *m
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("plain",), "one\n  two"),
        (("quoted",), '&q "a b"'),
        (("block",), "|-  # header\n  lines\n\n  end"),
        (("folded",), "&f >\n  one\n  two"),
        (("keep",), "|+\n  x\n\n"),
        (("empty",), ""),
        (("anchored",), "&e"),
        (("map",), "&m # c\n  # d\n  x: 1"),
        (("map", "x"), "1"),
        (("odd",), "&l\n- a\n-\n- &i {b: 1, c: [*q, 2, ]}\n- *m"),
    ],
)
def test_every_value_has_its_place(path: tuple[str, ...], text: str) -> None:
    assert shown(TEXT, *path) == text


def test_what_stands_around_values_has_its_place() -> None:
    found = root(TEXT)
    assert isinstance(found, Mapping)
    entries = {entry.key: entry for entry in found.entries}
    assert TEXT[entries["odd"].start : entries["odd"].key_end] == "? odd"
    empty = entries["empty"]
    assert empty.after == empty.value.start == empty.value.end == TEXT.index("empty:") + 6
    listed = entries["odd"].value
    assert isinstance(listed, Sequence)
    assert not listed.flow
    assert listed.anchor == "l"
    assert [TEXT[item.start : item.after] for item in listed.items] == ["-"] * 4
    assert listed.items[1].value.start == listed.items[1].after
    mapping, alias = listed.items[2].value, listed.items[3].value
    assert isinstance(mapping, Mapping)
    assert mapping.flow
    assert isinstance(alias, Alias)
    assert alias.target is entries["map"].value
    assert TEXT[alias.start : alias.end] == "*m"


def test_values_are_those_of_our_reader() -> None:
    assert data_of(root(TEXT)) == read_text(TEXT, "a.yaml").documents[0].data
    folded = at_path(root("a: >\n  b\n  c\n\n  d\n"), ("a",))
    assert isinstance(folded, Scalar)
    assert folded.value == "b c\nd\n"


def test_a_text_without_a_value_has_no_root() -> None:
    assert load("# nothing\n") is None
    assert load("") is None


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: 1\nb: [\n", (3, 1)), ("a:\tb\n", (1, 3)), ("a: 1.5\n", (1, 1))],
)
def test_what_can_not_be_read_says_where_and_what_to_do(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(UnreadableError) as refused:
        load(text)
    assert refused.value.message
    assert refused.value.hint
    if place != (1, 1):
        assert (refused.value.line, refused.value.column) == place


def test_a_colon_inside_a_plain_text_between_brackets() -> None:
    text = "a: {u: http://x:1, m: [q:8b, c]}  # kept\n"
    root = load(text)
    assert isinstance(root, Mapping)
    inner = root.entries[0].value
    assert isinstance(inner, Mapping)
    url = inner.entries[0].value
    assert isinstance(url, Scalar)
    assert (url.value, text[url.start : url.end]) == ("http://x:1", "http://x:1")
    with pytest.raises(UnreadableError, match="needs a space"):
        load("{a:1}")
