from collections.abc import Iterator

import pytest
from ruamel.yaml.events import Event, ScalarEvent

from reconciler.control.manifest import events as module
from reconciler.control.manifest import reader
from reconciler.control.manifest.events import (
    BAD_ESCAPE,
    Events,
    YamlSyntaxError,
    accelerated_events,
    pure_events,
)

both = pytest.mark.parametrize("source", [accelerated_events, pure_events])


def outline(events: Iterator[Event]) -> list[tuple[str, object, object]]:
    return [
        (type(event).__name__, getattr(event, "value", None), getattr(event, "anchor", None))
        for event in events
    ]


def test_the_accelerated_parser_is_used_here() -> None:
    """A missing clib makes reading ten times slower: it must not go unnoticed."""
    assert reader.ACCELERATED is True
    assert module.events is accelerated_events


@pytest.mark.parametrize(
    "text", ["", "# only\n", "---", "a: 1\nb: [x, 'y', *z]\n", "k: &x |\n  text\n", "ü: é\n"]
)
def test_both_parsers_give_the_same_events(text: str) -> None:
    assert outline(accelerated_events(text)) == outline(pure_events(text))


@both
def test_a_syntax_error_has_its_place_and_where_it_began(source: Events) -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        list(source("a: 1\nb: [1\nc: 2\n"))
    assert caught.value.place == (3, 2)
    assert caught.value.start == (2, 4)
    assert str(caught.value) == "not YAML"


@both
def test_an_error_without_a_place_stands_at_the_beginning(source: Events) -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        list(source("a: \x07"))
    assert caught.value.place == (1, 1)
    assert caught.value.start is None


@pytest.mark.parametrize("text", [r'a: "\UFFFFFFFF"', r'a: "\U00110000"'])
@both
def test_an_escape_beyond_unicode_is_a_syntax_error(source: Events, text: str) -> None:
    with pytest.raises(YamlSyntaxError):
        list(source(text))


@both
def test_a_pair_of_escapes_in_double_quotes_is_one_character(source: Events) -> None:
    text = (
        r"""'\ud83d\ude00': \uD83D\ude00 # \ud83d\ude00""" + "\n"
        r""""\ud83d\ude00": ["a\\\uD83D\uDE00b\u00e9\ud83d\ude01", 7]""" + "\n"
    )
    scalars = [event for event in source(text) if isinstance(event, ScalarEvent)]
    assert [event.value for event in scalars] == [
        r"\ud83d\ude00", r"\uD83D\ude00", "\U0001f600", "a\\\U0001f600bé\U0001f601", "7"
    ]  # fmt: skip
    last = scalars[-1].start_mark
    assert (last.line, last.column) == (1, text.splitlines()[1].index("7"))


@both
@pytest.mark.parametrize("text", [r'"\ud83d\ude00\0"', r'"\0\0\ud83d\ude00"'])
def test_where_other_nuls_stand_as_well_they_stay(source: Events, text: str) -> None:
    (event,) = [event for event in source(text) if isinstance(event, ScalarEvent)]
    assert "\0" in event.value


@both
@pytest.mark.parametrize("text", [r'"\\ud83d\ude00"', r'"\ude00\ud83d"', r'"\ud83d\u0041"'])
def test_two_halves_that_are_no_pair(source: Events, text: str) -> None:
    with pytest.raises(YamlSyntaxError):
        list(source(text))


@both
def test_half_characters_are_refused(source: Events) -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        list(source('a: 1\nb: "\\ud83d"'))
    assert caught.value.place[0] == 2
    assert caught.value.problem == BAD_ESCAPE


COLONS = [
    "a: 1\nservices: {o: {base_url: http://localhost:11434, type: ollama}}\nb: [qwen3:8b, 'x']\n",
    "[http://x: y, a:1: 2]",
    "{http://x: }",
    "- a:b\n-\n- {x: y:z}\n- [a:b\n   c:d]\n",
    "a: [x:y, &q z:w, *q]",
    'a: {u: http://x, k: "\\ud83d\\ude00"}',
]


@pytest.mark.parametrize("text", COLONS)
def test_a_colon_inside_a_plain_text_between_brackets(text: str) -> None:
    def places(source: Events) -> list[tuple[object, ...]]:
        return [
            (
                type(event),
                getattr(event, "value", None),
                (event.start_mark.line, event.start_mark.column, event.start_mark.index),
            )
            for event in source(text)
        ]

    assert places(accelerated_events) == places(pure_events)


def test_where_the_parsers_differ_the_first_one_s_refusal_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    pure = module._pure
    monkeypatch.setattr(module, "_pure", lambda text: pure(text.replace("first", "other")))
    with pytest.raises(YamlSyntaxError) as caught:
        list(accelerated_events("a: first\nb: [x:y]\n"))
    assert caught.value.problem == module.BAD_COLON


@both
def test_what_is_wrong_behind_such_a_text_has_its_own_words(source: Events) -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        list(source("a: {x: y:z}\nb: c: d"))
    assert caught.value.place == (2, 5)
