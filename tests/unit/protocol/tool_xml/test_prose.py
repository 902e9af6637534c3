import pytest

from reconciler.protocol.tool_xml.prose import Prose


def tags(text: str) -> str:
    """The text with `!` for each `<` that may begin a tag; in one piece and byte by byte the same."""
    results = []
    for size in (len(text) or 1, 1):
        prose, seen = Prose(), ""
        for start in range(0, len(text), size):
            held = bytearray(text[start : start + size].encode())
            while (at := prose.search(held)) >= 0:
                seen += held[:at].decode() + "!"
                prose.visible()
                del held[: at + 1]
            seen += held.decode()
        results.append(seen)
    return results[0] if results[0].replace("!", "<") == text else "lost"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a <b> 1 < 2 <= 3 <", "a !b> 1 < 2 <= 3 !"),
        ("```\n<a>\n```\n<a>", "```\n<a>\n```\n!a>"),
        ("~~~xml\n<a>\n```\n<a>\n~~~~ \n<a>", "~~~xml\n<a>\n```\n<a>\n~~~~ \n!a>"),
        ("````\n```\n<a>\n````\n<a>", "````\n```\n<a>\n````\n!a>"),
        ("```\n<a>\n``` x\n<a>", "```\n<a>\n``` x\n<a>"),
        ("  ```\n<a>\n  ```\n<a>", "  ```\n<a>\n  ```\n!a>"),
        ("x ```\n<a>", "x ```\n!a>"),
        ("`<a>` <a> ``<a>` <a>`` <a>", "`<a>` !a> ``<a>` <a>`` !a>"),
        ("`<a>\n<a>", "`<a>\n!a>"),
        ("a ~~~ <a>", "a ~~~ !a>"),
        ("```~~~\n<a>", "```~~~\n<a>"),
    ],
)
def test_where_a_tag_may_begin(text: str, marked: str) -> None:
    assert tags(text) == marked


def test_thoughts_have_no_code() -> None:
    prose = Prose()
    assert prose.blank
    prose.thinks = True
    assert prose.search(bytearray(b"`` ` <a")) == 5
    assert not prose.blank
    prose.thinks = False
    prose.line_begins()
    assert prose.search(bytearray(b"```\n<a")) == -1
