import json
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.provider_types.base import Endpoint, Head, Step
from reconciler.provider_types.text_answers import text_answer
from reconciler.provider_types.translation import Malformed

TEXT = "\n 1 \N{EURO SIGN}  \n\n zwei \N{GRINNING FACE}\n"


def answered(
    body: bytes,
    cuts: Iterable[int] = (),
    endpoint: Endpoint = Endpoint.CHAT,
    *,
    stream: bool = True,
    status: int = 200,
) -> list[Step]:
    reader = text_answer(endpoint, "m", 5, stream=stream)
    steps = [*reader.head(status, (("content-type", "text/plain"),))]
    for start, end in pairwise([0, *sorted({cut for cut in cuts if 0 < cut < len(body)}), len(body)]):
        steps += reader.feed(body[start:end])
    return [*steps, *reader.finish()]


def text_of(steps: list[Step]) -> str:
    lines = b"".join(step for step in steps if isinstance(step, bytes)).split(b"\n\n")
    chunks = [json.loads(line[6:]) for line in lines if line and line != b"data: [DONE]"]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    return "".join(choice.get("text") or choice.get("delta", {}).get("content") or "" for choice in choices)


@given(st.lists(st.integers(0, 40), max_size=8), st.sampled_from([Endpoint.CHAT, Endpoint.COMPLETIONS]))
def test_characters_may_be_cut_anywhere_and_blanks_around_the_text_are_dropped(
    cuts: list[int], endpoint: Endpoint
) -> None:
    steps = answered(TEXT.encode(), cuts, endpoint)
    assert steps[0] == Head(200, (("content-type", "text/event-stream"),))
    assert text_of(steps) == TEXT.strip()
    assert isinstance(steps[-1], bytes)
    assert steps[-1].endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("endpoint", [Endpoint.CHAT, Endpoint.COMPLETIONS])
def test_all_at_once(endpoint: Endpoint) -> None:
    head, body = answered(TEXT.encode(), [4, 5, 6], endpoint, stream=False)
    assert head == Head(200, (("content-type", "application/json"),))
    assert isinstance(body, bytes)
    answer = json.loads(body)
    choice = answer["choices"][0]
    assert (choice.get("text") or choice["message"]["content"]) == TEXT.strip()
    assert (answer["model"], choice["finish_reason"], "usage" in answer) == ("m", "stop", False)


def test_what_is_no_utf8_is_shown_as_such() -> None:
    assert text_of(answered(b"a\xff\xe2\x82")) == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("stream", [True, False])
def test_nothing_is_no_answer(*, stream: bool) -> None:
    with pytest.raises(Malformed, match="no text"):
        answered(b" \n ", stream=stream)


def test_errors_keep_their_status() -> None:
    head, body = answered(b'{"error": {"message": "it failed"}}', status=502)
    assert isinstance(head, Head)
    assert head.status == 502
    assert isinstance(body, bytes)
    assert json.loads(body)["error"]["message"] == "it failed"
