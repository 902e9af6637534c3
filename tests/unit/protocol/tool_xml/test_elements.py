import pytest

from reconciler.protocol.tool_xml.elements import Elements, Found, Tag, Verdict, blanks_end, tag_at


def elements(text: bytes) -> tuple[Verdict, list[tuple[str, str]], int]:
    """In one piece, and byte by byte: the same."""
    once = Elements(0, {b"a": False, b"many": True}, b"end")
    verdict = once.go_on(bytearray(text), len(text))
    slowly, held, slow = Elements(0, {b"a": False, b"many": True}, b"end"), bytearray(), Verdict.WAIT
    for byte in text:
        held.append(byte)
        if slow is Verdict.WAIT:
            slow = slowly.go_on(held, len(held))
    assert (slow, slowly.found) == (verdict, once.found)
    return verdict, [(each.name.decode(), each.value.decode()) for each in once.found], once.at


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"</end>", []),
        (b" \n<a>x</a>\n</end >", [("a", "x")]),
        (b"<a/></end>", [("a", "")]),
        (b"<a>1</a><many>2</many><many>3</many></end>", [("a", "1"), ("many", "2"), ("many", "3")]),
        (b"<a>x</a> y</a></end>", [("a", "x</a> y")]),
        (b"<a>x</a><a>y</a></end>", [("a", "x</a><a>y")]),
        (b"<a>x</ab></a></end>", [("a", "x</ab>")]),
        (b"<a>x</a ></end>", [("a", "x")]),
        (b"<a><![CDATA[</a></end>]]></a></end>", [("a", "</a></end>")]),
        (b"<a>\n<![CDATA[ x]]>\n</a></end>", [("a", " x")]),
        (b"<a><![CDATA[x]]]]><![CDATA[>y]]></a></end>", [("a", "x]]>y")]),
        (b"<a><![CDATA[x]]>y]]></a></end>", [("a", "x]]>y")]),
        (b"<a><![CDATA[x]]></a>y]]></a></end>", [("a", "x]]></a>y")]),
        (b"<a><![CDATx</a></end>", [("a", "<![CDATx")]),
    ],
)
def test_what_is_found(text: bytes, found: list[tuple[str, str]]) -> None:
    assert elements(text) == (Verdict.DONE, found, len(text))


@pytest.mark.parametrize("text", [b"x", b"<b>", b"</a>", b"<a >x", b"< a>", b"</end/>", b"<end>"])
def test_the_first_is_no_element_that_may_stand_there(text: bytes) -> None:
    verdict, found, _ = elements(text)
    assert (verdict is Verdict.WRONG) == (text != b"<a >x")
    assert not found


def test_what_is_missing_is_waited_for() -> None:
    for end in range(len(b"<a><![CDATA[x]]></a>\n</end>")):
        assert elements(b"<a><![CDATA[x]]></a>\n</end>"[:end])[0] is Verdict.WAIT


def test_nothing_behind_the_end_is_looked_at() -> None:
    text = bytearray(b"<a>x</a></end>")
    assert Elements(0, {b"a": False}, b"end").go_on(text, len(text) - 1) is Verdict.WAIT


def test_cdata_is_verbatim() -> None:
    text = bytearray(b"<many>x</many><many><![CDATA[x]]></many></end>")
    reader = Elements(0, {b"many": True}, b"end")
    reader.go_on(text, len(text))
    assert reader.found == [Found(b"many", b"x", verbatim=False), Found(b"many", b"x", verbatim=True)]


def test_tags() -> None:
    held = bytearray(b"  <a.b-c \n/> </x> < y")
    assert blanks_end(held, 0, len(held)) == 2
    assert tag_at(held, 2, len(held)) == Tag(b"a.b-c", closes=False, empty=True, end=12)
    assert tag_at(held, 13, len(held)) == Tag(b"x", closes=True, empty=False, end=17)
    assert tag_at(held, 18, len(held)) is Verdict.WRONG
    assert tag_at(held, 2, 6) is Verdict.WAIT
    assert tag_at(bytearray(b"<a" + b" " * 17), 0, 19) is Verdict.WRONG
