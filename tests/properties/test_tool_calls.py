"""Calls that a model writes as it is told come back exactly, in whatever pieces; all else is text, none of it lost."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.protocol.tool_xml.reading import CallReader, Piece
from reconciler.protocol.tool_xml.tools import Call, Tool, tool

SCHEMAS: dict[str, dict[str, object]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "array": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object", "properties": {"a": {"type": "string"}}},
    "optional": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "either": {"type": ["string", "integer", "boolean"]},
    "anything": {},
}
TEXTS = st.text(max_size=12) | st.lists(
    st.sampled_from(
        [
            "<",
            "/",
            ">",
            "]]>",
            "<![CDATA[",
            "</string>",
            "</write>",
            "<write>",
            "<string>",
            "\n",
            " ",
            "x",
            "7",
            "`",
            "\r",
        ]
    ),
    max_size=8,
).map("".join)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "integer": st.integers(),
    "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "array": st.lists(TEXTS, max_size=3),
    "object": st.dictionaries(TEXTS, JSON, max_size=3),
    "optional": TEXTS | st.none(),
    "either": TEXTS | st.integers() | st.booleans(),
    "anything": JSON,
}
WRITE = tool("write", "", {"type": "object", "properties": SCHEMAS})
FREE = tool("free.form-1", "", {"type": "object", "additionalProperties": True})
ODD = tool("odd", "", {"properties": {"a b": {"type": "string"}, "<": {"type": "string"}}})
TOOLS = (WRITE, FREE, ODD)

_Call = tuple[Tool, dict[str, Any]]
CALLS: st.SearchStrategy[_Call] = (
    st.fixed_dictionaries({}, optional=VALUES).map(lambda given: (WRITE, given))
    | st.dictionaries(TEXTS, JSON, max_size=3).map(lambda given: (FREE, given))
    | st.fixed_dictionaries({}, optional={"a b": VALUES["string"], "<": VALUES["string"]}).map(
        lambda given: (ODD, given)
    )
)
SAID = st.text("ab <>\n/w\u00e9\U0001f600", max_size=20)
SHREDS = st.lists(
    st.sampled_from(
        [
            *(
                "<write>",
                "</write>",
                "<string>",
                "</string>",
                "<array>",
                "</array>",
                "<write",
                "<w",
                "<odd>",
                "</odd>",
                "<odd/>",
            ),
            *(
                "<![CDATA[",
                "]]>",
                "```",
                "`",
                "~~~\n",
                "\n",
                " ",
                "{",
                "}",
                '"a"',
                "<think>",
                "</think>",
                "<div>",
                "\u00e9",
                "x",
            ),
        ]
    ),
    max_size=30,
).map("".join)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=20)


def read(text: str, sizes: Sequence[int] = ()) -> list[Piece]:
    """With texts that follow each other as one."""
    reader, pieces, at = CallReader(TOOLS), list[Piece](), 0
    while at < len(text):
        size = sizes[at % len(sizes)] if sizes else len(text)
        pieces += reader.feed(text[at : at + size])
        at += size
    return joined([*pieces, *reader.finish()])


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    whole: list[Piece] = []
    for piece in pieces:
        if whole and isinstance(piece, str) and isinstance(whole[-1], str):
            whole[-1] += piece
        else:
            whole.append(piece)
    return whole


@given(before=SAID, calls=st.lists(CALLS, min_size=1, max_size=3), after=SAID, sizes=SIZES)
@example("", [(WRITE, {"string": "007", "anything": "007", "either": "1e5"})], "", [1])
@example("", [(WRITE, {"string": "a</string></write>b]]>c</string>", "object": {"<": "</object>"}})], "", [1])
def test_calls_come_back_as_they_were_meant(
    before: str, calls: list[_Call], after: str, sizes: list[int]
) -> None:
    written = "\n\n".join(each.written(arguments) for each, arguments in calls)
    before = before.replace("<w", "w").replace("<think>", "")
    pieces = read(f"{before}\n{written}\n{after}", sizes)
    found = [each for each in pieces if isinstance(each, Call)]
    assert [(each.name, json.loads(each.arguments)) for each in found] == [
        (each.name, arguments) for each, arguments in calls
    ]
    assert pieces[0] == f"{before}\n"
    said = pieces[-1] if isinstance(pieces[-1], str) else ""
    assert said.lstrip(" \n\r\t") == after.lstrip(" \n\r\t")


@given(text=SHREDS, sizes=SIZES)
def test_it_does_not_matter_how_an_answer_is_cut(text: str, sizes: list[int]) -> None:
    assert read(text, sizes) == read(text)


@given(text=SHREDS | st.text(max_size=50))
def test_what_is_no_call_is_text_and_none_of_it_is_lost(text: str) -> None:
    """Where tools of other names are declared, nothing of it is a call."""
    reader = CallReader([tool("else", "", {})])
    assert "".join(str(each) for each in [*reader.feed(text), *reader.finish()]) == text


@given(text=SHREDS)
def test_the_text_around_calls_is_what_stands_there(text: str) -> None:
    """In the order in which it does, but for blanks."""
    at = 0
    for piece in read(text):
        if isinstance(piece, Call):
            assert piece.name in {each.name for each in TOOLS}
            continue
        found = text.find(piece, at)
        assert found >= at
        at = found + len(piece)
