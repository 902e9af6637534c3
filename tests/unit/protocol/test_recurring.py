from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.recurring import LESSONS, Recurring
from reconciler.protocol.sse import DONE, WholeEvents
from reconciler.protocol.streams import ChatStream


def event(
    text: bytes, rest: bytes = b'"finish_reason":null}],"usage":null', name: bytes = b"content"
) -> bytes:
    return b'data: {"id":"c-1","choices":[{"delta":{"%b":"%b"},%b}\n\n' % (name, text, rest)


STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n'


def learned(*events: bytes) -> Recurring:
    recurring = Recurring()
    for each in events:
        recurring.learn(each)
    return recurring


def test_events_that_differ_in_their_text_pass_and_their_text_is_counted() -> None:
    recurring = learned(event(b"one"))
    assert recurring.known
    assert recurring.middle(event(b"")) == event(b"")
    assert recurring.middle(event(b"four") * 3) == event(b"four") * 3
    assert recurring.text_bytes == 12


@pytest.mark.parametrize(
    "other",
    [
        b"",
        event(b"one")[:-1],
        event(b"one")[1:],
        event(b"one", name=b"refusal"),
        event(b"one", rest=b'"finish_reason":"stop"}],"usage":null'),
        event(b'say \\"no\\"'),
        event(b"one", rest=b'"finish_reason":null}],"usage":{"total_tokens":1}'),
        event(b"one") + DONE + event(b"one"),
        event(b"one") + STOP + event(b"one"),
        event(b"one") + event(b"", name=b"reasoning") + event(b"one"),
        event(b"one") + DONE,
        event(b"one\n\ndata: [DONE]\n\n"),
        event(b'one","error":"no'),
    ],
)
def test_what_may_be_more_than_text_is_left_to_be_read(other: bytes) -> None:
    recurring = learned(event(b"one"))
    assert recurring.middle(other) == b""
    assert recurring.text_bytes == 0


def test_nothing_is_known_before_the_first_event() -> None:
    recurring = Recurring()
    assert not recurring.known
    assert recurring.middle(event(b"one")) == b""
    assert recurring.end_in(event(b"one")) == 0


@pytest.mark.parametrize(
    "unfit",
    [
        STOP,
        event(b"one").rstrip(b"\n"),
        event(b"one").replace(b"\n", b"\r\n"),
        event(b"one", rest=b'"reasoning":"two"}]'),
    ],
)
def test_an_event_without_one_text_teaches_nothing(unfit: bytes) -> None:
    assert not learned(unfit).known


def test_another_envelope_of_the_same_length_is_another() -> None:
    recurring = learned(event(b"", name=b"reasoning"))
    assert recurring.middle(event(b"", name=b"reasoning") + event(b"hi")) == b""


def test_the_last_of_several_events_is_learned() -> None:
    recurring = learned(STOP + event(b"one", name=b"refusal") + event(b"one"))
    assert recurring.middle(event(b"two")) == event(b"two")


def test_what_differs_each_time_is_not_learned_for_ever() -> None:
    recurring = learned(*(event(b"one", name=b"text", rest=b'"n":%d}]' % n) for n in range(LESSONS)))
    recurring.learn(event(b"one"))
    assert recurring.middle(event(b"one")) == b""


def test_what_is_not_for_the_client_is_left_out() -> None:
    recurring = Recurring()
    recurring.learn(event(b"one"), (b',"usage":null', b', "usage": null'))
    assert recurring.middle(event(b"two")) == event(b"two").replace(b',"usage":null', b"")
    both = event(b"one", rest=b'"finish_reason":null}],"usage":null, "usage": null')
    recurring.learn(both, (b',"usage":null', b', "usage": null'))
    assert recurring.middle(both) == b""


def test_where_events_of_an_envelope_end() -> None:
    recurring = learned(event(b"one"))
    alike = event(b"two") + event(b"three")
    assert recurring.end_in(alike + STOP) == len(alike)
    assert recurring.end_in(event(b"one")[:-2]) == 0
    assert recurring.end_in(STOP + alike) == 0


texts = st.lists(
    st.sampled_from(
        [b"hi", b" word", b'\\"', b"\\\\", b"\\n", b"[DONE]", b"", b'"usage":1', b"\xe4\xb8\x96"]
    ),
    max_size=3,
).map(b"".join)
blocks = st.one_of(
    texts.map(event),
    texts.map(event),
    texts.map(lambda text: event(text, name=b"reasoning")),
    st.sampled_from([STOP, USAGE, DONE, b": note\n\n", b"\n", event(b"x").replace(b"\n", b"\r\n")]),
)


def told(whole: bytes, at: list[int], *, learns: bool, hides: bool) -> tuple[bytes, object]:
    """As a relay has it."""
    stream, held, passed = ChatStream(hides_usage=hides), WholeEvents(), b""
    if not learns:
        stream._recurring._lessons = 0
    places = sorted({0, len(whole), *(cut for cut in at if cut < len(whole))})
    for start, end in pairwise(places):
        if stream.done:
            break
        chunk = whole[start:end]
        if stream.middle is not None and not held.holds and (sent := stream.middle(chunk)):
            passed += sent
        elif ready := held.feed(chunk):
            passed += stream.pass_on(ready)
    passed += stream.finish(held.finish())
    return passed, (stream.complete, stream.failed, stream.usage, stream.finish_reason, stream.text_bytes)


@given(
    st.lists(blocks, max_size=12).map(b"".join), st.lists(st.integers(0, 1500), max_size=12), st.booleans()
)
def test_it_makes_no_difference_but_in_time(whole: bytes, at: list[int], hides: bool) -> None:
    assert told(whole, at, learns=True, hides=hides) == told(whole, at, learns=False, hides=hides)
