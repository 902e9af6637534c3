import pytest

from reconciler.control.manifest.events import Events, accelerated_events, pure_events
from reconciler.control.manifest.reader import read_text

CASES = [
    ("a: b: c", 1, 5, "a `:` can't stand here"),
    ("a: 1\n b: 2", 2, 3, "a `:` can't stand here"),
    ("a: 'x\nb: 1", 1, 4, "this quoted text does not end"),
    ('a: "x\n---\n', 1, 4, "this quoted text does not end"),
    ("a: [1, 2\nb: 3", 1, 4, "this list is not closed, or lacks a comma"),
    ("a: {x: 1\nb: 2\n", 1, 4, "this mapping is not closed, or lacks a comma"),
    ("a: [\n", 2, 1, "a value or a closing bracket is missing here"),
    ("a:\n\tb: 1", 2, 1, "a tab can't indent a line"),
    ("a: 1\n\tb: 2", 2, 1, "a tab can't indent a line"),
    ("a: |\n  x\n\ty\n", 3, 1, "a tab can't indent a line"),
    ("a: @x", 1, 4, "a text can't begin with this character"),
    ("a: %x", 1, 4, "a text can't begin with this character"),
    ("%YAML 1.2\n", 1, 1, "directives (lines that begin with %) are not used"),
    ("%FOO\na: 1", 1, 1, "directives (lines that begin with %) are not used"),
    ("a: 1\n...\n%TAG ! x\n", 3, 1, "directives (lines that begin with %) are not used"),
    ("a: *", 1, 4, "a text can't begin with * or &"),
    ("a: [*, b]", 1, 5, "a text can't begin with * or &"),
    ("a: & x", 1, 4, "a text can't begin with * or &"),
    ('a: "\\q"', 1, None, "a text in double quotes holds an unknown escape"),
    ('a: "\\xZZ"', 1, None, "this escape stands for no character"),
    ('a: "x\\ud83d"', 1, 6, "this escape is half of a character"),
    ('a: 1\nb: "x\n y \\ude00\\ud83d"', 3, 4, "this escape is half of a character"),
    ("a: 1\nb", 2, 1, "this is no `key: value`"),
    ("a: 1\n- b", 2, 1, "this does not fit the mapping it stands in"),
    ('a: "x" y', 1, 8, "this does not fit the mapping it stands in"),
    ("- a\nb: 1", 2, 1, "this does not fit the list it stands in"),
    ("a: 1\n... b", 2, 5, "this does not belong to the document above"),
    ("a: |x\n", 1, 5, "this can't stand behind the | or > that begins a text"),
    ("a: |0\n", 1, 5, "this can't stand behind the | or > that begins a text"),
    ("a: !<x", 1, 4, "tags (a word that begins with !) are not used"),
    ("a: !e!x 1", 1, 4, "tags (a word that begins with !) are not used"),
    ("a: ]", 1, 4, "a value is missing here"),
    ("a: - b", 1, 4, "a list can't begin here"),
]


@pytest.mark.parametrize("source", [accelerated_events, pure_events])
@pytest.mark.parametrize(("text", "line", "column", "message"), CASES)
def test_errors_say_where_and_what(
    source: Events, text: str, line: int, column: int | None, message: str
) -> None:
    problem = read_text(text, "f", source=source).problems[0]
    assert problem.location is not None
    assert problem.message == message
    assert problem.location.line == line
    assert column is None or problem.location.column == column
    assert problem.hint


def test_a_colon_without_a_space() -> None:
    (problem,) = read_text("{a:1}", "f").problems
    assert str(problem) == "f:1:3: error: a `:` needs a space behind it; add the space, or quote the text"


def test_what_no_rule_knows_still_has_a_place() -> None:
    (problem,) = read_text("a: 1\n? - b\n  -c: x\n: :", "f").problems
    assert problem.location is not None


def test_an_unknown_complaint_of_the_parser_is_not_repeated() -> None:
    (problem,) = read_text("a: !%zz x", "f").problems
    assert problem.message in {"this is not YAML", "tags (a word that begins with !) are not used"}


def test_a_line_that_stands_left_of_the_document() -> None:
    (problem,) = read_text("  a: 1\n b: 2", "f").problems
    assert str(problem).startswith("f:2:2: error: this does not belong to the document above; begin all keys")


@pytest.mark.parametrize("source", [accelerated_events, pure_events])
@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{a:1}", 3),
        ("{b: c, a:1 , d: e}", 9),
        ("{a:http://x, b: 1}", 3),
        ("[a:,b]", 3),
        ("{a: b:}", 6),
        ("{a:1", 3),
    ],
)
def test_a_colon_that_lacks_its_space_between_brackets(source: Events, text: str, column: int) -> None:
    (problem,) = read_text(text, "f", source=source).problems
    assert str(problem).startswith(f"f:1:{column}: error: a `:` needs a space behind it")
