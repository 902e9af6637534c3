import pytest

from reconciler.control.manifest.round_trip import layout
from reconciler.control.manifest.round_trip.layout import Style
from reconciler.control.manifest.round_trip.loader import load

TEXT = "a: 1\r\n  # b\n\n# c\rd"


@pytest.mark.parametrize(
    ("text", "eol"),
    [("", "\n"), ("a", "\n"), ("a\nb\r\nc\r\n", "\r\n"), ("a\rb\r", "\r"), ("a\r\nb\nc\n", "\n")],
)
def test_the_line_end_is_that_of_most_lines(text: str, eol: str) -> None:
    assert layout.eol_of(text) == eol


def test_lines_and_columns() -> None:
    comment = TEXT.index("#")
    assert layout.line_start(TEXT, comment) == 6
    assert layout.column(TEXT, comment) == 2
    assert layout.begins_line(TEXT, comment)
    assert not layout.begins_line(TEXT, comment + 1)
    assert layout.line_end(TEXT, 1) == 4
    assert layout.line_end(TEXT, len(TEXT)) == len(TEXT)
    assert layout.next_line(TEXT, 1) == 6
    assert layout.next_line(TEXT, 6) == 6
    assert layout.next_line(TEXT, len(TEXT)) == len(TEXT)
    assert layout.column(TEXT, len(TEXT)) == 1


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a: 1 # x\nb: 2", "b: 2"),
        ("a: 1\n  # x\n\n  # y\n\nb: 2", "\nb: 2"),
        ("a: 1\n# x\nb: 2", "# x\nb: 2"),
        ("a: 1\n\n# x\nb: 2", "\n# x\nb: 2"),
        ("a: 1\n  # x", ""),
        ("a: 1", ""),
    ],
)
def test_what_stands_deeper_belongs_to_what_is_above(text: str, rest: str) -> None:
    assert text[layout.below(text, 4, 0) :] == rest


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("a: 1\n", Style()),
        ("a:\n    b: 1\n", Style(4, 4)),
        ("a:\n  b:\n  - 1\n", Style(2, 0)),
        ("a:\n- b: 1\n  c:\n    d: 1\n", Style(2, 0)),
        ("a:\n    - 1\nb: {c: 1}\nd: []\n", Style(2, 4)),
        ("a:\r\n   b: 1\r\n", Style(3, 3, "\r\n")),
        ('{"a": {"b": 1}}', Style(2, 2, json=True)),
        ('{\n    "a": {\n        "b": 1\n    }\n}\n', Style(4, 4, json=True)),
        ("{a: 1}", Style()),
        ("- a\n", Style()),
    ],
)
def test_the_style_of_a_document_is_read_off_it(text: str, style: Style) -> None:
    root = load(text)
    assert root is not None
    assert layout.style_of(text, root) == style
