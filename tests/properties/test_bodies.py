"""What is read of a request's body by its outline is what a walk over all of its members reads, whoever wrote it."""

import json

from hypothesis import event, given, settings
from hypothesis import strategies as st

from reconciler.protocol.body import _plain, _walked
from reconciler.protocol.parameters import Parameters
from reconciler.protocol.reservation import reservation

NAMES = [
    *("model", "stream", "stream_options", "n", "best_of", "max_tokens", "max_output_tokens", "messages"),
    *("metadata", "tools", "user", "temperature"),
]
ODD_NAMES = [
    *("Model", "mod\\u0065l", "\u017ftream", "max\\u005ftokens", "\u00e9", "a b", "", "\\ud800", "a\\\\"),
    'x\\": 1, \\"model',
]
VALUES = [
    *(
        '"m"',
        '""',
        '"\u00e9"',
        '"\\n"',
        '"{[\\"model\\":1"',
        "null",
        "true",
        "false",
        "1",
        "0",
        "900",
        "1.5",
        "[]",
        "{}",
    ),
    *(
        "[1, {}]",
        '{"n": 3}',
        '{"max_tokens": 7, "n" :2}',
        '{"include_usage":true}',
        '{"include_usage": false}',
    ),
    *('[{"role": "user", "content": "hi"}]', "99999", "1234567890", "-0", "1e999"),
]
ODD_VALUES = [
    *(
        '"\\u0041"',
        '"\\ud800"',
        '"\\x"',
        '"\n"',
        "nul",
        "01",
        "NaN",
        "-Infinity",
        "9" * 4400,
        '{"n": 3, "n": 4}',
    ),
    *("[1", "{]", "[" * 500 + "]" * 500),
]
USUAL = {"model": '"m"', "stream": "true", "stream_options": '{"include_usage": true}'}
SIGNS = [(",", ":"), (", ", ": ")]
ODD_SIGNS = [(" ,", " :"), (",\n ", ": "), (", ", ":")]
BYTES = [b"", b" ", b'"', b"\\", b",", b"{", b"]", b"\xff", b"\xc3", b"\x00", b"7", b"model"]


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Objects as clients write them, and as nobody should."""
    odd = draw(st.sampled_from([False, False, True]))
    comma, colon = draw(st.sampled_from(SIGNS + ODD_SIGNS if odd else SIGNS))
    names = draw(st.lists(st.sampled_from(NAMES + ODD_NAMES if odd else NAMES), max_size=9, unique=not odd))
    values = st.sampled_from(VALUES + ODD_VALUES if odd else VALUES)
    said = [USUAL[name] if name in USUAL and draw(st.integers(0, 5)) else draw(values) for name in names]
    written = [f'"{name}"{colon}{value}' for name, value in zip(names, said, strict=True)]
    text = ("{" + comma.join(written) + "}").encode(errors="replace")
    for _ in range(draw(st.sampled_from([0, 1, 2, 12])) if odd else 0):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(BYTES)) + text[at + draw(st.integers(0, 2)) :]
    return text


CHANGES = Parameters((("user", b'"u"'),), (("n", b"1"),), frozenset({"metadata", "\u00e9"}))


@settings(max_examples=500)
@given(texts(), st.frozensets(st.sampled_from(["tools", "user", "n", "model", "\u00e9"]), max_size=2))
def test_what_is_read_by_its_outline_is_what_a_walk_reads(text: bytes, reads: frozenset[str]) -> None:
    told: dict[str, object] = {}
    plain = _plain(text, reads, told)
    event("by its outline" if plain is not None else "by a walk")
    if plain is None:
        return
    walked_told: dict[str, object] = {}
    walked = _walked(text, reads, walked_told)
    assert told == walked_told
    assert (plain.model, plain.stream, plain.raw) == (walked.model, walked.stream, walked.raw)
    assert (plain.model_span, plain.usage_splice) == (walked.model_span, walked.usage_splice)
    for name, parameters in ((plain.model or "", None), ("other", None), ("other", CHANGES)):
        assert plain.with_model(name, ask_usage=True, parameters=parameters) == walked.with_model(
            name, ask_usage=True, parameters=parameters
        )


@settings(max_examples=300)
@given(texts())
def test_no_member_makes_a_reservation_smaller_than_what_counts(text: bytes) -> None:
    plain = _plain(text, frozenset(), None)
    if plain is None or plain.asked is None:
        return
    said = json.loads(text)
    bounds = [said.get(name) for name in ("max_tokens", "max_output_tokens")]
    several = [said.get(name) for name in ("n", "best_of")]
    answer = max((each for each in bounds if _counts(each, 999_999_999)), default=0)
    assert plain.asked >= answer * max([1, *(each for each in several if _counts(each, 9999))])
    prompt, _ = reservation(text, answers=False)
    assert reservation(text, plain.weight, plain.asked, answers=True) == (prompt, plain.asked)


def _counts(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most
