"""YAML events of one document: libyaml's where ruamel.yaml.clib is installed, else ruamel's own parser.

Both give the same event classes. Only syntax is decided here; what the events mean is the constructor's.
"""

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
    assert CParser is not None
    try:
        # get_event answers None after the end, and iter() takes that as its sentinel: the loop runs in C
        yield from iter(CParser(text).get_event, None)
    except YAMLError as exc:
        raise _translated(exc) from None


def pure_events(text: str) -> Iterator[Event]:
    """Raises YamlSyntaxError."""
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, ScalarEvent):
                _refuse_surrogates(event)
            yield event
    except YAMLError as exc:
        raise _translated(exc) from None
    except (ValueError, OverflowError, IndexError):  # its scanner lets these out on odd escapes
        raise YamlSyntaxError("", "", (1, 1), None) from None


def _refuse_surrogates(event: ScalarEvent) -> None:
    """What libyaml does by itself: an escape can write half of a character."""
    if not event.value.isascii() and any("\ud800" <= character <= "\udfff" for character in event.value):
        mark = event.start_mark
        raise YamlSyntaxError(BAD_ESCAPE, "", (mark.line + 1, mark.column + 1), None)


def _translated(exc: YAMLError) -> YamlSyntaxError:
    if not isinstance(exc, MarkedYAMLError) or exc.problem_mark is None:
        return YamlSyntaxError("", "", (1, 1), None)
    place = (exc.problem_mark.line + 1, exc.problem_mark.column + 1)
    start = None
    if exc.context_mark is not None:
        start = (exc.context_mark.line + 1, exc.context_mark.column + 1)
    return YamlSyntaxError(exc.problem or "", exc.context or "", place, start)


events: Events = accelerated_events if ACCELERATED else pure_events
