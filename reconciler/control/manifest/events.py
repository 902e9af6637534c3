"""YAML events of one document: libyaml's where ruamel.yaml.clib is installed, else ruamel's own parser.

Both give the same event classes. Only syntax is decided here; what the events mean is the constructor's.

JSON writes a character beyond U+FFFF as two escapes, which YAML does not know. While the parser reads, each such pair is
a pair of NUL escapes of the same length, so that every place stays what it is; then the events get the character back.

Between brackets a plain text may hold a `:` (an address, a tag of a model), which the libyaml that is bundled does not know:
a document where it refuses one is read by ruamel's parser.
"""

import re
from collections.abc import Callable, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found, unused-ignore]  # a C extension without stubs
except ImportError:  # pragma: no cover  the declared dependency is there wherever this is measured
    CParser = None

ACCELERATED: bool = CParser is not None
"""Whether libyaml parses. Without it reading takes some ten times as long."""

Events = Callable[[str], Iterator[Event]]

BAD_ESCAPE = "found invalid Unicode character escape code"
BAD_COLON = "found unexpected ':'"

_HIGH, _LOW = r"\\u([dD][89abAB][0-9a-fA-F]{2})", r"\\u([dD][c-fC-F][0-9a-fA-F]{2})"
_PAIR = re.compile(_HIGH + _LOW)
_ESCAPE = re.compile(rf"{_HIGH}{_LOW}|\\.")
"""Any escape, so that what stands behind an escaped backslash is not taken for one."""
_STAND_IN = r"\u0000\u0000"
HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class YamlSyntaxError(Exception):
    """What a parser did not accept. `problem` and `context` are the parser's words: never shown, only told apart.

    place: line and column, 1-based, inside the text that was parsed. start: where the thing began that went wrong.
    """

    def __init__(
        self, problem: str, context: str, place: tuple[int, int], start: tuple[int, int] | None
    ) -> None:
        super().__init__("not YAML")
        self.problem = problem
        self.context = context
        self.place = place
        self.start = start


def accelerated_events(text: str) -> Iterator[Event]:
    """Raises YamlSyntaxError."""
    return joined_pairs(text, _accelerated)


def pure_events(text: str) -> Iterator[Event]:
    """Raises YamlSyntaxError."""
    return joined_pairs(text, _pure)


def joined_pairs(text: str, source: Events) -> Iterator[Event]:
    """The events that `source` makes of `text`, which may write characters as two escapes."""
    return _joined(text, source) if _has_pairs(text) else source(text)


def _has_pairs(text: str) -> bool:
    return "\\u" in text and _PAIR.search(text) is not None and _STAND_IN not in text


def _joined(text: str, source: Events) -> Iterator[Event]:
    """The events of `text`, in which each pair of escapes for two halves is one character."""
    pairs = [match for match in _ESCAPE.finditer(text) if match[1] is not None]
    parts, end = [], 0
    for match in pairs:
        parts += [text[end : match.start()], _STAND_IN]
        end = match.end()
    waiting = iter(pairs)
    pair = next(waiting, None)
    for event in source("".join([*parts, text[end:]])):
        if isinstance(event, ScalarEvent):
            inside = []
            while pair is not None and pair.start() < event.end_mark.index:
                if pair.start() >= event.start_mark.index:
                    inside.append(pair)
                pair = next(waiting, None)
            if inside:
                _restore(event, inside)
        yield event


def _restore(event: ScalarEvent, pairs: list[re.Match[str]]) -> None:
    """Only in double quotes an escape is one. Where a text holds other NULs as well, they stay, and are refused."""
    quoted = event.style == '"'
    first, *others = event.value.split("\0\0" if quoted else _STAND_IN)
    if len(others) == len(pairs):
        meant = [_character(pair) if quoted else pair[0] for pair in pairs]
        event.value = first + "".join(text + rest for text, rest in zip(meant, others, strict=True))


def _character(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))


def _accelerated(text: str) -> Iterator[Event]:
    assert CParser is not None
    try:
        # get_event answers None after the end, and iter() takes that as its sentinel: the loop runs in C
        yield from iter(CParser(text).get_event, None)
    except YAMLError as exc:
        error = translated(exc)
        if error.problem != BAD_COLON:
            raise error from None
        yield from _behind(_before_error(text), _pure(text), error)


def _before_error(text: str) -> Iterator[Event]:
    """What libyaml gave of `text` before it refused the rest: asked again, so that what it accepts pays for no memory."""
    try:
        yield from iter(CParser(text).get_event, None)
    except YAMLError:
        return


def _behind(known: Iterator[Event], again: Iterator[Event], error: YamlSyntaxError) -> Iterator[Event]:
    """The events of `again` that come after those of `known`. Where the two parsers do not agree, `error` holds."""
    for event in known:
        same = next(again, None)
        if type(same) is not type(event) or getattr(same, "value", None) != getattr(event, "value", None):
            raise error
    yield from again


def _pure(text: str) -> Iterator[Event]:
    try:
        for event in spaced_colons(YAML(typ="safe", pure=True).parse(text), text):
            if isinstance(event, ScalarEvent):
                _refuse_surrogates(event, text)
            yield event
    except YAMLError as exc:
        raise translated(exc) from None
    except (ValueError, OverflowError, IndexError):  # its scanner lets these out on odd escapes
        raise YamlSyntaxError("", "", (1, 1), None) from None


def spaced_colons(events: Iterator[Event], text: str) -> Iterator[Event]:
    """`events` of ruamel's parser, which takes `{a:1}` for a key without a value, and `{a:}` for one that ends with a colon:
    both are a forgotten space. Raises YamlSyntaxError.
    """
    depth = 0
    last: ScalarEvent | None = None  # a plain text between brackets that holds a colon
    for event in events:
        if last is not None and type(event) is ScalarEvent and not event.style and not event.value:
            between = text[last.end_mark.index : event.start_mark.index]
            if not between.lstrip().startswith(":"):
                mark = last.start_mark
                place = mark.line + 1, mark.column + last.value.index(":") + 1
                raise YamlSyntaxError(BAD_COLON, "", place, None)
        last = None
        if isinstance(event, CollectionStartEvent):
            depth += bool(depth or event.flow_style)
        elif depth and isinstance(event, CollectionEndEvent):
            depth -= 1
        elif depth and type(event) is ScalarEvent and not event.style and ":" in event.value:
            if event.value.endswith(":"):
                raise YamlSyntaxError(BAD_COLON, "", (event.end_mark.line + 1, event.end_mark.column), None)
            last = event
        yield event


def _refuse_surrogates(event: ScalarEvent, text: str) -> None:
    """What libyaml does by itself: an escape can write half of a character. The place is that of its digits, as there."""
    if not event.value.isascii() and any("\ud800" <= character <= "\udfff" for character in event.value):
        mark = event.start_mark
        half = HALF.search(text, mark.index)
        before = text[: half.start() + 2 if half else mark.index]
        line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
        line = mark.line + 1 + before.count("\n", mark.index)
        raise YamlSyntaxError(BAD_ESCAPE, "", (line, len(before) - line_start + 1), None)


def translated(exc: YAMLError) -> YamlSyntaxError:
    """What a parser of the library raised, as ours."""
    if not isinstance(exc, MarkedYAMLError) or exc.problem_mark is None:
        return YamlSyntaxError("", "", (1, 1), None)
    place = (exc.problem_mark.line + 1, exc.problem_mark.column + 1)
    start = None
    if exc.context_mark is not None:
        start = (exc.context_mark.line + 1, exc.context_mark.column + 1)
    return YamlSyntaxError(exc.problem or "", exc.context or "", place, start)


events: Events = accelerated_events if ACCELERATED else pure_events
