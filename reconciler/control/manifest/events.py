"""YAML events of one document: libyaml's where ruamel.yaml.clib is installed, else ruamel's own parser.

Both give the same event classes. Only syntax is decided here; what the events mean is the constructor's.

JSON writes a character beyond U+FFFF as two escapes, which YAML does not know. While the parser reads, each such pair is
a pair of NUL escapes of the same length, so that every place stays what it is; then the events get the character back.
"""

import re
from collections.abc import Callable, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event, ScalarEvent

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found, unused-ignore]  # a C extension without stubs
except ImportError:  # pragma: no cover  the declared dependency is there wherever this is measured
    CParser = None

ACCELERATED: bool = CParser is not None
"""Whether libyaml parses. Without it reading takes some ten times as long."""

Events = Callable[[str], Iterator[Event]]

BAD_ESCAPE = "found invalid Unicode character escape code"

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
        raise translated(exc) from None


def _pure(text: str) -> Iterator[Event]:
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, ScalarEvent):
                _refuse_surrogates(event, text)
            yield event
    except YAMLError as exc:
        raise translated(exc) from None
    except (ValueError, OverflowError, IndexError):  # its scanner lets these out on odd escapes
        raise YamlSyntaxError("", "", (1, 1), None) from None


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
