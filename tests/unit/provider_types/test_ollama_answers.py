import json
import re
import struct
from base64 import b64decode
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from fakes.wire import recorded
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.chat import Identity
from reconciler.protocol.embeddings import EmbeddingsRequest
from reconciler.protocol.sse import Decoder
from reconciler.protocol.streams import ChatStream
from reconciler.provider_types.base import Head, Translator
from reconciler.provider_types.ollama_answers import ChatAnswer, ChatLines, EmbeddingsAnswer
from reconciler.provider_types.translation import Malformed

IDENTITY = Identity("chatcmpl-abc", 1_800_000_000, "llama3.2")
NDJSON = (("content-type", "application/x-ndjson"),)
DONE = {"done": True, "done_reason": "stop", "prompt_eval_count": 26, "eval_count": 282}


def lines(*told: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in told)


def said(content: str, **members: object) -> dict[str, object]:
    return {"model": "m", "message": {"role": "assistant", "content": content, **members}, "done": False}


def run(reader: Translator, chunks: Sequence[bytes], status: int = 200) -> tuple[list[Head], bytes, str]:
    """(heads, bytes, what was malformed)."""
    heads: list[Head] = []
    text = b""
    try:
        for steps in (
            reader.head(status, NDJSON),
            *(reader.feed(chunk) for chunk in chunks),
            reader.finish(),
        ):
            for step in steps:
                if isinstance(step, Head):
                    heads.append(step)
                else:
                    assert isinstance(step, bytes)
                    text += step
    except Malformed as malformed:
        return heads, text, str(malformed)
    return heads, text, ""


def stream(*chunks: bytes, include_usage: bool = True) -> tuple[list[Head], bytes, str]:
    return run(ChatLines(IDENTITY, include_usage=include_usage), chunks)


def events(text: bytes) -> list[Any]:
    return [json.loads(event.data) for event in Decoder().feed(text) if event.data != b"[DONE]"]


def plain(told: object, status: int = 200) -> tuple[list[Head], Any, str]:
    heads, text, fault = run(ChatAnswer(IDENTITY), [json.dumps(told).encode()], status)
    return heads, json.loads(text) if text else None, fault


def test_a_stream_of_text() -> None:
    heads, text, _ = stream(lines(said("", thinking="hm"), said("Hel"), said("lo"), DONE))
    assert heads == [Head(200, (("content-type", "text/event-stream"),))]
    assert text.endswith(b"data: [DONE]\n\n")
    told = events(text)
    deltas = [choice["delta"] for chunk in told for choice in chunk["choices"]]
    assert deltas == [
        {"role": "assistant", "content": "", "refusal": None},
        {"reasoning_content": "hm"},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert told[-1]["usage"] == {"prompt_tokens": 26, "completion_tokens": 282, "total_tokens": 308}
    assert [chunk["choices"][0]["finish_reason"] for chunk in told[:-1]] == [None] * 4 + ["stop"]


def test_what_is_not_told_is_not_made_up() -> None:
    told = events(stream(lines(said("a"), {"done": True}))[1])
    assert [chunk["usage"] for chunk in told] == [None] * len(told)
    told = events(stream(lines({"done": True, "done_reason": "length", "eval_count": 4}))[1])
    assert told[-1]["usage"]["total_tokens"] == 4
    assert told[-2]["choices"][0]["finish_reason"] == "length"
    silent = stream(lines(said("a"), DONE), include_usage=False)[1]
    assert b"usage" not in silent


def test_tool_calls_have_ids_and_texts_as_arguments() -> None:
    first = {"function": {"name": "look", "arguments": {"at": "é"}}}
    second = {"id": "call_own", "function": {"name": "wait"}}
    third = {"id": "", "function": {"name": "raw", "arguments": '{"a":1}'}}
    told = events(stream(lines(said("", tool_calls=[first]), said("", tool_calls=[second, third]), DONE))[1])
    calls = [
        call
        for chunk in told
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert [call["index"] for call in calls] == [0, 0, 1, 1, 2, 2]
    assert [call["id"] for call in calls[::2]] == ["call_abc00", "call_own", "call_abc02"]
    assert [call["function"]["arguments"] for call in calls] == [
        "",
        '{"at": "\\u00e9"}',
        "",
        "{}",
        "",
        '{"a":1}',
    ]
    assert told[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_an_error_in_the_middle_is_the_protocols_error_event() -> None:
    heads, text, fault = stream(lines(said("hi"), {"error": "an error was encountered"}, said("more"), DONE))
    assert (heads[0].status, fault) == (200, "")
    relay = ChatStream()
    assert relay.pass_on(text) == text
    assert relay.failed
    assert events(text)[-1]["error"]["message"] == "an error was encountered"
    assert b"more" not in text
    assert b"[DONE]" not in text
    assert events(stream(lines(said("a"), {"error": {"odd": 1}}))[1])[-1]["error"]["message"]


@pytest.mark.parametrize("reader", [ChatLines(IDENTITY, include_usage=True), ChatAnswer(IDENTITY)])
def test_an_error_at_the_beginning_gets_a_status_of_its_own(reader: ChatLines | ChatAnswer) -> None:
    heads, text, fault = run(reader, [lines({"error": "out of memory"})])
    assert (heads[0].status, json.loads(text)["error"]["message"], fault) == (502, "out of memory", "")
    silent = run(ChatAnswer(IDENTITY), [lines({"error": {}, "message": 1} | {"error": 7})])
    assert (silent[0][0].status, silent[1]) == (502, b"")


def test_an_error_keeps_its_status() -> None:
    heads, told, _ = plain({"error": "model 'x' not found"}, 404)
    assert heads[0].status == 404
    assert told["error"] == {
        "message": "model 'x' not found",
        "type": "invalid_request_error",
        "param": None,
        "code": "model_not_found",
    }


def test_a_stream_that_ends_too_early_has_no_end() -> None:
    heads, text, fault = stream(lines(said("a")))
    assert (len(heads), b"[DONE]" in text, b'"finish_reason": "' in text, fault) == (1, False, False, "")
    assert stream() == ([], b"", "")


def test_the_last_line_needs_no_end() -> None:
    whole = lines(said("a"), DONE)
    assert stream(whole.rstrip()) == stream(whole)


@pytest.mark.parametrize(
    "line",
    [
        b"<html>",
        b"[]",
        b'{"message": 1}',
        b'{"message": {"content": 1}}',
        b'{"message": {"thinking": []}}',
        b'{"message": {"tool_calls": 1}}',
        b'{"message": {"tool_calls": [1]}}',
        b'{"message": {"tool_calls": [{"function": {}}]}}',
        b'{"message": {"tool_calls": [{"function": {"name": "f", "arguments": [1]}}]}}',
        b'{"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1e999}}}]}}',
        b'{"message": {"content": "a"}, "x": NaN}',
    ],
)
def test_what_makes_no_sense_is_malformed(line: bytes) -> None:
    before = lines(said("a"))
    heads, text, fault = stream(before + line + b"\n" + lines(DONE))
    assert (len(heads), text, fault != "") == (1, stream(before)[1], True)
    assert run(ChatAnswer(IDENTITY), [line])[:2] == ([], b"")


def test_a_plain_answer() -> None:
    heads, told, _ = plain({**said("Hello!", thinking="hm"), **DONE})
    assert heads == [Head(200, (("content-type", "application/json"),))]
    assert told["choices"][0]["message"]["content"] == "Hello!"
    assert told["choices"][0]["finish_reason"] == "stop"
    assert told["usage"]["prompt_tokens"] == 26
    assert plain({**said("half"), "done": False})[2] == "the answer is not done"


pieces = st.sampled_from(
    [
        *(lines(each) for each in (said("Hé"), said("", thinking="x"), DONE, {"error": "no"}, {"message": 3}, {})),
        lines(said("", tool_calls=[{"function": {"name": "f", "arguments": {"a": ["ü"]}}}])),
        b"\n", b"{", b"}", b"\xff", b'"', b"garbage\n", b"[1]\n",
    ]
)  # fmt: skip


@given(st.lists(pieces, max_size=8).map(b"".join), st.lists(st.integers(0, 400), max_size=12), st.booleans())
def test_any_chunks_give_the_same(whole: bytes, cuts: list[int], streaming: bool) -> None:
    def reader() -> Translator:
        return ChatLines(IDENTITY, include_usage=True) if streaming else ChatAnswer(IDENTITY)

    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    chunks = [whole[start:end] for start, end in pairwise(places)]
    assert run(reader(), chunks) == run(reader(), [whole])
    assert run(reader(), [bytes([byte]) for byte in whole]) == run(reader(), [whole])


@given(st.binary(max_size=200), st.sampled_from([200, 204, 302, 400, 500]))
def test_hostile_bytes_raise_nothing_else(whole: bytes, status: int) -> None:
    for reader in (
        ChatLines(IDENTITY, include_usage=True),
        ChatAnswer(IDENTITY),
        EmbeddingsAnswer(EmbeddingsRequest("m", ("a",), base64=False, dimensions=None)),
    ):
        assert len(run(reader, [whole], status)[0]) <= 1


members = st.sampled_from(
    [
        "message",
        "content",
        "thinking",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "id",
        "done",
        "done_reason",
        "prompt_eval_count",
        "eval_count",
        "error",
        "model",
        "embeddings",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=4),
    max_leaves=15,
)


@given(st.lists(st.dictionaries(members, anything, max_size=5), max_size=3))
def test_odd_answers_are_told_in_json_or_not_at_all(told: list[dict[str, object]]) -> None:
    asked = EmbeddingsRequest("m", ("a",), base64=False, dimensions=None)
    _, text, _ = stream(lines(*told))
    events(text)
    for reader in (ChatAnswer(IDENTITY), EmbeddingsAnswer(asked)):
        _, text, _ = run(reader, [lines(*told[:1])])
        assert not text or b"NaN" not in json.dumps(json.loads(text)).encode()


def vectors(told: object, inputs: tuple[str, ...] = ("a", "b"), *, base64: bool = False) -> tuple[Any, str]:
    reader = EmbeddingsAnswer(EmbeddingsRequest("m", inputs, base64=base64, dimensions=None))
    _, text, fault = run(reader, [json.dumps(told).encode()])
    return json.loads(text) if text else None, fault


def test_embeddings() -> None:
    answer, _ = vectors({"model": "e", "embeddings": [[0.5, 1], [-1e-9, 0.25]], "prompt_eval_count": 8})
    assert answer["model"] == "e"
    assert [each["embedding"] for each in answer["data"]] == [[0.5, 1.0], [-1e-9, 0.25]]
    assert [each["index"] for each in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 8, "total_tokens": 8}
    packed, _ = vectors({"embeddings": [[0.5, 1]]}, ("a",), base64=True)
    assert struct.unpack("<2f", b64decode(packed["data"][0]["embedding"])) == (0.5, 1.0)
    assert packed["model"] == "m"


@pytest.mark.parametrize(
    "embeddings",
    [None, [], [[1.0]], [[1.0], 1], [[1.0], ["a"]], [[1.0], [True]], [[1.0], [1e999]], [[1.0], [10**400]]],
)
def test_what_is_not_one_vector_for_each_input_is_malformed(embeddings: object) -> None:
    assert vectors({"embeddings": embeddings})[1]
    assert (
        vectors({"embeddings": [[1e300]]}, ("a",), base64=True)[1] == "a number of an embedding is too large"
    )


def test_the_answers_of_ollamas_own_documentation() -> None:
    page = recorded("ollama/doc-api-chat-section.md").decode()
    found = [json.loads(block) for block in re.findall(r"```json\n(\{.*?\n\})\n```", page, re.DOTALL)]
    answers = [block for block in found if "created_at" in block]
    assert len(answers) > 8
    for answer in answers:
        assert stream(lines(answer))[2] == ""
        assert plain(answer)[2] == ("" if answer["done"] else "the answer is not done")


def test_the_recorded_error_in_a_stream() -> None:
    text = stream(recorded("edge/ollama-mid-stream-error.ndjson"))[1]
    assert "running the model" in events(text)[-1]["error"]["message"]
