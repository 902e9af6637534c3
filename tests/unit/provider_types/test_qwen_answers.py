import json
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.chat import Identity
from reconciler.protocol.transcript import Turn
from reconciler.provider_types.base import Head, Step, UpstreamRequest
from reconciler.provider_types.qwen_answers import Asked, NewChat, PlainAnswer, Resumed, StreamedAnswer
from reconciler.provider_types.qwen_chats import Chat, Chats, Conversation, Whose
from reconciler.provider_types.translation import Malformed

CHAT = Chat("chat-1", None)
WHOSE = Whose("c", None, (), "m")
HELLO = Conversation(WHOSE, (Turn("user", "hello"),))
NEXT = Conversation(WHOSE, (*HELLO.turns, Turn("assistant", "hi you"), Turn("user", "more")))
EVENTS = (("content-type", "text/event-stream"),)
JSON = (("content-type", "application/json"),)
AGAIN = UpstreamRequest("POST", "https://again.example", (), b"")
CREATED = {"response.created": {"chat_id": "chat-1", "parent_id": "p", "response_id": "answer-1"}}


def asked(*, stream: bool = True, include_usage: bool = True) -> Asked:
    return Asked(Identity("chatcmpl-1", 5, "m"), stream, include_usage, False, HELLO)


def part(content: str, phase: str | None = "answer", status: str = "typing", said: int = 1) -> dict[str, Any]:
    delta = {"role": "assistant", "content": content, "phase": phase, "status": status}
    return {
        "choices": [{"delta": delta}],
        "usage": {"input_tokens": 7, "output_tokens": said, "total_tokens": 7 + said},
    }


GOOD = (
    CREATED,
    part("Hm", "think"),
    part("", "think", "finished"),
    part("hi "),
    part("you", None),
    part("", status="finished", said=9),
)


def events(*told: object) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(each).encode() for each in told)


def streamed(
    body: bytes,
    cuts: Iterable[int] = (),
    chats: Chats | None = None,
    status: int = 200,
    headers: Any = EVENTS,
) -> list[Step]:
    reader = StreamedAnswer(asked(), chats if chats is not None else Chats(), CHAT)
    steps = [*reader.head(status, headers)]
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(body)}), len(body)]
    for start, end in pairwise(places):
        steps += reader.feed(body[start:end])
    return [*steps, *reader.finish()]


def written(steps: Iterable[Step]) -> tuple[Head, bytes]:
    head, *rest = steps
    assert isinstance(head, Head)
    return head, b"".join(step for step in rest if isinstance(step, bytes))


def deltas(body: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in body.split(b"\n\n") if line and line != b"data: [DONE]"]
    return [json.loads(line) for line in lines]


def test_a_stream_with_thoughts_usage_and_an_end_of_its_own() -> None:
    chats = Chats()
    head, body = written(streamed(events(*GOOD, part("late")), chats=chats))
    assert head == Head(200, (("content-type", "text/event-stream"),))
    chunks = deltas(body)
    said = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert [each["content"] for each in said if each.get("content")] == ["hi ", "you"]
    assert [each["reasoning_content"] for each in said if "reasoning_content" in each] == ["Hm"]
    assert chunks[-1]["usage"] == {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}
    assert body.endswith(b"data: [DONE]\n\n")
    assert chats.take(NEXT) == Chat("chat-1", "answer-1")


@given(st.lists(st.integers(0, 900), max_size=6))
def test_in_whichever_pieces_it_comes(cuts: list[int]) -> None:
    body = events(*GOOD)
    assert written(streamed(body, cuts)) == written(streamed(body))


@given(st.binary(max_size=200), st.booleans())
def test_whatever_comes_is_an_answer_or_malformed(noise: bytes, plain: bool) -> None:
    body = events(CREATED, part("a")) + noise if not plain else noise
    with suppress(Malformed):
        streamed(body, headers=JSON if plain else EVENTS)


def test_done_ends_it_as_well_and_without_an_id_no_chat_is_kept() -> None:
    chats = Chats()
    _, body = written(streamed(events(part("hi you")) + b"data: [DONE]\n\n", chats=chats))
    assert body.endswith(b"data: [DONE]\n\n")
    assert len(chats) == 0


@pytest.mark.parametrize(
    "body",
    [
        events(CREATED, part("hi")),
        b"",
        b"data: nonsense\n\n",
        events({"response.created": {"response_id": "a/../b"}}),
        events(part(5)),  # type: ignore[arg-type]
        b"data: " + b"x" * (5 * 1024 * 1024),
    ],
)
def test_what_ends_early_or_makes_no_sense(body: bytes) -> None:
    with pytest.raises(Malformed):
        streamed(body)


def test_an_error_in_the_middle_is_the_protocols_error_event() -> None:
    _, body = written(streamed(events(part("hi"), {"error": {"message": "overloaded"}}, part("more"))))
    assert json.loads(body.rsplit(b"data: ", 1)[1])["error"]["message"] == "overloaded"


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"success": False, "data": {"code": "RateLimited", "details": "slow down"}}, 429),
        ({"success": False, "data": {"code": "Unauthorized"}}, 401),
        ({"success": False, "data": {"code": "Not_Found"}}, 404),
        ({"success": False}, 502),
        ({"error": "broken"}, 502),
    ],
)
def test_an_error_with_a_good_status_gets_one_of_its_own(told: object, status: int) -> None:
    for steps in (streamed(json.dumps(told).encode(), headers=JSON), streamed(events(told)), plain(told)):
        head, body = written(steps)
        assert head.status == status
        assert json.loads(body)["error"]["message"]


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_told_in_our_own_words(status: int) -> None:
    head, body = written(streamed(b'{"token": "canary"}', status=status))
    assert head.status == 401
    assert b"has expired, or is refused" in body
    assert b"canary" not in body


def test_other_errors_keep_their_status_and_words() -> None:
    head, body = written(streamed(b'{"message": "later"}', status=503, headers=JSON))
    assert (head.status, json.loads(body)["error"]["message"]) == (503, "later")


def test_a_page_in_place_of_an_answer() -> None:
    with pytest.raises(Malformed):
        streamed(b"<html>", headers=(("content-type", "text/html"),))
    with pytest.raises(Malformed, match="no event stream"):
        streamed(b'{"success": true}', headers=JSON)


def plain(told: object, chats: Chats | None = None) -> list[Step]:
    reader = PlainAnswer(asked(stream=False), chats if chats is not None else Chats(), CHAT)
    body = json.dumps(told).encode()
    return [*reader.head(200, JSON), *reader.feed(body[:5]), *reader.feed(body[5:]), *reader.finish()]


def test_a_plain_answer_comes_wrapped_in_data() -> None:
    chats = Chats()
    data: dict[str, Any] = {
        "chat_id": "chat-1",
        "message_id": "m-2",
        "choices": [{"message": {"role": "assistant", "content": "hi you"}}],
    }
    head, body = written(plain({"success": True, "data": data}, chats))
    assert (head.status, json.loads(body)["choices"][0]["message"]["content"]) == (200, "hi you")
    assert "usage" not in json.loads(body)
    assert chats.take(NEXT) == Chat("chat-1", "m-2")
    data["usage"] = {"input_tokens": 1, "output_tokens": 2}
    assert json.loads(written(plain({"data": data}))[1])["usage"]["total_tokens"] == 3
    wrongs: tuple[object, ...] = ({"data": {**data, "message_id": None}}, {"choices": data["choices"]}, [])
    for wrong in wrongs:
        with pytest.raises(Malformed):
            plain(wrong)


def test_a_new_chat_is_followed_by_what_it_is_for() -> None:
    def told(body: object, status: int = 200) -> list[Step]:
        reader = NewChat(lambda id_: AGAIN._replace(url=id_))
        return [*reader.head(status, JSON), *reader.feed(json.dumps(body).encode()), *reader.finish()]

    assert told({"success": True, "data": {"id": "c-9"}}) == [AGAIN._replace(url="c-9")]
    assert written(told({"success": False, "data": {"code": "RateLimited"}}))[0].status == 429
    assert written(told({}, 403))[0].status == 401
    with pytest.raises(Malformed, match="id of its chat"):
        told({"success": True, "data": {"id": "../x"}})


@pytest.mark.parametrize(
    ("status", "body", "again", "stays"),
    [
        (404, b"", True, False),
        (200, b'{"success": false, "data": {"code": "not_found"}}', True, False),
        (200, b'{"success": false, "data": {"code": "RateLimited"}}', False, True),
        (500, b"{}", False, True),
        (401, b"{}", False, False),
    ],
)
def test_a_chat_that_goes_on_is_begun_anew_where_it_is_lost(
    status: int, body: bytes, again: bool, stays: bool
) -> None:
    chats = Chats()
    reader = Resumed(StreamedAnswer(asked(), chats, CHAT), chats, NEXT, CHAT, lambda: AGAIN)
    steps = [*reader.head(status, JSON)]
    if steps != [AGAIN]:
        steps += [*reader.feed(body), *reader.finish()]
    assert (AGAIN in steps) is again
    assert (chats.take(NEXT) is not None) is stays
