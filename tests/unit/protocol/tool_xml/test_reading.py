import pytest

from reconciler.protocol.tool_xml.reading import MAX_CALL, MAX_GAP, CallReader, Piece
from reconciler.protocol.tool_xml.tools import Call, tool

TOOLS = (
    tool(
        "read",
        "",
        {"properties": {"path": {"type": "string"}, "read": {"type": "string"}}, "required": ["path"]},
    ),
    tool("write", "", {"properties": {"path": {"type": "string"}, "content": {"type": "string"}}}),
    tool("b", "", {"properties": {"x": {"type": "string"}}}),
    tool("free", "", {"type": "object"}),
)
READ = Call("read", '{"path": "a"}')


def pieces(text: str, *, only_one: bool = False) -> list[Piece]:
    reader = CallReader(TOOLS, only_one=only_one)
    return [*reader.feed(text), *reader.finish()]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<read><path>a</path></read>", [READ]),
        ("x\n<read>\n<path>a</path>\n</read>\n\n", ["x\n", READ]),
        ("<read><path>a</path></read>\n<read><path>a</path></read> end", [READ, READ, " end"]),
        ("<read><read>x</read></read>", [Call("read", '{"read": "x"}')]),
        ("<read><path><path>a</path></path></read>", [Call("read", '{"path": "<path>a</path>"}')]),
        ("<b/>", [Call("b", "{}")]),
        ("<b></b>", [Call("b", "{}")]),
        ('<read>{"path": "a"}</read>', [READ]),
        ('<free>{"p": "</free>"}</free>', [Call("free", '{"p": "</free>"}')]),
        ('<free>{"p": "</freer></free>"}</free>', [Call("free", '{"p": "</freer></free>"}')]),
        ("<read>no, <read><path>a</path></read>", ["<read>no, ", READ]),
        ("<think>\n<read><path>a</path></read> </thin</think><read><path>a</path></read>",
         ["<think>\n<read><path>a</path></read> </thin</think>", READ]),
        ("so <think><read><path>a</path></read>", ["so <think>", READ]),
    ],
)  # fmt: skip
def test_calls_and_the_text_around_them(text: str, read: list[Piece]) -> None:
    assert pieces(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "<div><b>bold</b></div>",
        "<b>bold</b>",
        "<delete><path>a</path></delete>",
        "</read>",
        "<read/>",
        "<read></read>",
        "<read path='a'>",
        "<reader><path>a</path></reader>",
        "<Read><path>a</path></Read>",
        "<read><path>a</path>",
        "<read><path>a</path><other>b</other></read>",
        "<read",
        "<read   ",
        "<free>[1]</free>",
        "<free>{1}</free>",
        "```xml\n<read><path>a</path></read>\n```",
        "Write `<read><path>a</path></read>`.",
        "<think><read><path>a</path></read> </think",
        "1 < 2 <= <>",
    ],
)
def test_all_else_is_text(text: str) -> None:
    assert "".join(str(each) for each in pieces(text)) == text


def test_text_flows_at_once_and_what_may_be_a_call_waits() -> None:
    reader = CallReader(TOOLS)
    assert reader.feed("Hello <") == ["Hello "]
    assert reader.feed("di") == ["<di"]
    assert reader.feed("v> <re") == ["v> "]
    assert reader.feed("ad >") == []
    assert reader.feed(" no") == ["<read > no"]
    assert reader.feed(" <read>\n<path>a</path>") == [" "]
    assert reader.feed("</read>") == [READ]
    assert reader.feed(" \n") == []
    assert reader.feed("<x") == [" \n<x"]
    assert reader.feed(">") == [">"]
    assert reader.calls == 1
    assert reader.finish() == []
    assert reader.feed("more") == []


def test_where_one_call_is_wished_for_the_answer_ends_with_it() -> None:
    assert pieces("a <b/> <b/> c", only_one=True) == ["a ", Call("b", "{}")]


def test_many_blanks_after_a_call_are_text() -> None:
    blanks = " " * (MAX_GAP + 5)
    assert pieces(f"<b/>{blanks}") == [Call("b", "{}"), blanks]


def test_a_call_is_bounded() -> None:
    """What is too long is text, in whichever pieces it comes, and no character of it is parted."""
    text = "<write><path>a</path><content>" + "\u20ac" * (MAX_CALL // 3 + 9) + "</content></write><b/>"
    reader = CallReader(TOOLS)
    got: list[Piece] = []
    given = told = 0
    for start in range(0, len(text), 1000):
        part = reader.feed(text[start : start + 1000])
        given += len(text[start : start + 1000].encode())
        told += sum(len(str(each).encode()) for each in part)
        assert given - told < MAX_CALL + 3000
        got += part
    got += reader.finish()
    assert "".join(str(each) for each in got[:-1]) == text.removesuffix("<b/>")
    assert got[-1] == Call("b", "{}")
    whole = pieces(text)
    assert whole[-1] == got[-1]
    assert whole[0] == "".join(str(each) for each in got[:-1])


def test_the_end_of_json_is_not_looked_for_without_end() -> None:
    text = "<free>{" + "</free>" * 50
    assert pieces(text) == [text]


@pytest.mark.parametrize(
    "hostile",
    [
        "<read><path>" * 5000,
        "<read><path>" + "</path>" * 5000,
        "<read><path><![CDATA[" + "]]>" * 9000,
        "<read>{" * 5000 + "</read>" * 99,
        "<" * 30000,
        "`" * 30000,
        "<read>\n" * 5000,
        "<read>" + " " * 30000 + "x",
    ],
)
def test_nothing_is_read_again_and_again(hostile: str) -> None:
    """It would take minutes, were it so."""
    assert "".join(str(each) for each in pieces(hostile)) == hostile


def test_halves_of_a_character_come_together_again() -> None:
    reader = CallReader(TOOLS)
    assert reader.feed("\ud83d") == ["\ud83d"]
    assert reader.feed("\ude00") == ["\ude00"]
