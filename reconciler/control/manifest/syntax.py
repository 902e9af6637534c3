"""Says in our words what a YAML parser did not accept. Neither the parser's words nor the text's are repeated."""

from typing import NamedTuple

from reconciler.control.manifest.events import BAD_COLON, BAD_ESCAPE, HALF, YamlSyntaxError


class Explanation(NamedTuple):
    """line, column: 1-based, inside the document."""

    line: int
    column: int
    message: str
    hint: str


class _Rule(NamedTuple):
    """Applies when the parser's words hold one of `words`. `at_start`: the place is where the thing began."""

    words: tuple[str, ...]
    message: str
    hint: str
    at_start: bool = False


_TAB = _Rule(("tab character",), "a tab can't indent a line", "use spaces")
_DIRECTIVE = _Rule((), "directives (lines that begin with %) are not used", "delete the line")
_HALF = _Rule(
    (),
    "this escape is half of a character",
    "write the character itself, or the escapes of both halves one behind the other",
)
_BEGINNING = _Rule((), "a text can't begin with this character", "put the text in quotes")

# The first that applies counts. Both parsers' words are here; where they differ, they stand side by side.
_RULES = (
    _TAB,
    _Rule(
        ("mapping values are not allowed",),
        "a `:` can't stand here",
        "quote a text that holds `: `; begin all keys of a mapping in the same column",
    ),
    _Rule(
        ("sequence entries are not allowed",),
        "a list can't begin here",
        "begin the list on a line of its own, or quote a text that begins with `- `",
    ),
    _Rule(
        ("could not find expected ':'",), "this is no `key: value`", "add the `:` and a value", at_start=True
    ),
    _Rule(
        ("unexpected end of stream", "unexpected document"),
        "this quoted text does not end",
        "close the quote; inside single quotes write '' for one of them",
        at_start=True,
    ),
    _Rule(
        ("unknown escape",),
        "a text in double quotes holds an unknown escape",
        "write \\\\ for a backslash, or use single quotes",
    ),
    _Rule(
        ("hexdecimal", "Unicode character escape"),
        "this escape stands for no character",
        "write the character",
    ),
    _Rule(
        ("',' or ']'",), "this list is not closed, or lacks a comma", "add the comma or the ]", at_start=True
    ),
    _Rule(
        ("',' or '}'",),
        "this mapping is not closed, or lacks a comma",
        "add the comma or the }",
        at_start=True,
    ),
    _Rule(
        ("an alias", "an anchor"),
        "a text can't begin with * or &",
        'put it in quotes: "*"',
        at_start=True,
    ),
    _Rule(
        (" tag", "tag "),
        "tags (a word that begins with !) are not used",
        "delete the tag, or quote the text",
        at_start=True,
    ),
    _Rule(
        ("comment or line break", "indentation indicator"),
        "this can't stand behind the | or > that begins a text",
        "write the text on the lines below, indented",
    ),
    _Rule((BAD_COLON,), "a `:` needs a space behind it", "add the space, or quote the text"),
    _Rule(
        ("block mapping",),
        "this does not fit the mapping it stands in",
        "begin all keys in the same column; put nothing behind a quoted text",
    ),
    _Rule(
        ("block collection", "block sequence"),
        "this does not fit the list it stands in",
        "begin all items in the same column with `- `",
    ),
    _Rule(
        ("flow node",),
        "a value or a closing bracket is missing here",
        "close what was opened with [ or {, or quote a text that holds brackets",
    ),
    _Rule(
        ("node content",),
        "a value is missing here",
        "write one, or quote a text that begins with a bracket or comma",
    ),
    _Rule(
        ("document start", "document end marker"),
        "this does not belong to the document above",
        "begin all keys in the same column; put a line --- between documents",
    ),
)
_OTHERWISE = _Rule((), "this is not YAML", "look for an open quote or bracket, or wrong indentation")


def explain(error: YamlSyntaxError, text: str) -> Explanation:
    """What is wrong with `text`, which a parser refused with `error`."""
    directive = _directive(text)
    if directive is not None and ("document start" in error.problem or "directive" in error.context):
        return Explanation(directive, 1, _DIRECTIVE.message, _DIRECTIVE.hint)
    half = _half(error, text)
    if half is not None:
        return Explanation(*half, _HALF.message, _HALF.hint)
    rule = _rule(error, text)
    line, column = error.start if rule.at_start and error.start is not None else error.place
    return Explanation(line, column, rule.message, rule.hint)


def _rule(error: YamlSyntaxError, text: str) -> _Rule:
    if "cannot start any token" in error.problem:
        return _TAB if _character(text, *error.place) == "\t" else _BEGINNING
    words = f"{error.problem} {error.context}"
    return next((rule for rule in _RULES if any(part in words for part in rule.words)), _OTHERWISE)


def _half(error: YamlSyntaxError, text: str) -> tuple[int, int] | None:
    """Where the escape begins that stands for half of a character, if that is what was refused: the parser's place is
    behind its first two characters.
    """
    lines = text.splitlines()
    line, column = error.place
    if BAD_ESCAPE not in error.problem or column <= 2 or line > len(lines):
        return None
    return (line, column - 2) if HALF.match(lines[line - 1], column - 3) else None


def _directive(text: str) -> int | None:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith("%")), None)


def _character(text: str, line: int, column: int) -> str:
    lines = text.splitlines()
    return lines[line - 1][column - 1 : column] if line <= len(lines) else ""
