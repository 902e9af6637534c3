import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.error_shapes import ANTHROPIC, OPENAI
from reconciler.protocol.errors import InvalidRequest, OpenAIError, invalid_body
from reconciler.provider_types.base import Endpoint, Head, Headers, Step, UpstreamRequest
from reconciler.provider_types.translation import (
    MAX_ERROR,
    AnswerReader,
    Collected,
    ErrorReader,
    Lines,
    Malformed,
    Translating,
    Unasked,
    answer_headers,
    json_answer,
    upstream_error,
)

HEADERS: Headers = (("content-type", "text/plain"), ("content-length", "9"), ("retry-after", "3"))


class Refusing(Translating):
    __slots__ = ()

    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:
        raise InvalidRequest(invalid_body("no pictures here", "messages"))

    def probe(self, path: str | None) -> UpstreamRequest:
        return UpstreamRequest("GET", f"http://up.test{path}", (), b"")


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [
        (
            Endpoint.CHAT,
            {
                "message": "no pictures here",
                "type": "invalid_request_error",
                "param": "messages",
                "code": None,
            },
        ),
        (Endpoint.MESSAGES, {"type": "invalid_request_error", "message": "no pictures here"}),
    ],
)
def test_what_cant_be_said_is_refused_in_the_clients_protocol(
    endpoint: Endpoint, error: dict[str, object]
) -> None:
    translator = Refusing().encode(endpoint, b"{}").translator
    assert isinstance(translator, Unasked)
    (head,), (body,) = translator.head(200, ()), translator.finish()
    assert head == Head(400, (("content-type", "application/json"),))
    assert translator.feed(b"x") == ()
    assert isinstance(body, bytes)
    assert json.loads(body)["error"] == error


def test_headers_of_the_old_body_are_not_those_of_the_new() -> None:
    assert answer_headers(HEADERS, "a/b") == (("content-type", "a/b"), ("retry-after", "3"))


class Echo(AnswerReader):
    def read(self, chunk: bytes) -> list[Step]:
        return [chunk]

    def read_end(self) -> list[Step]:
        return [b"end"]


def told(reader: AnswerReader | ErrorReader, status: int, *chunks: bytes) -> list[Step]:
    steps: list[Step] = [*reader.head(status, HEADERS)]
    for chunk in chunks:
        steps += reader.feed(chunk)
    return [*steps, *reader.finish()]


def test_good_answers_are_read_and_errors_have_a_reader_of_their_own() -> None:
    assert told(Echo(OPENAI), 200, b"a", b"b") == [b"a", b"b", b"end"]
    head, body = told(Echo(OPENAI), 503, b'{"error": "no', b' room"}')
    assert head == Head(503, (("content-type", "application/json"), ("retry-after", "3")))
    assert isinstance(body, bytes)
    assert json.loads(body)["error"]["message"] == "no room"
    assert told(Echo(OPENAI), 302, b"a") == [Head(302, HEADERS)]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": 1}', b"[" * 100_000])
def test_an_error_without_readable_words_has_no_body(body: bytes) -> None:
    assert len(told(ErrorReader(OPENAI), 500, body)) == 1


def test_an_error_that_is_too_long_has_no_body_and_is_not_kept() -> None:
    reader = ErrorReader(ANTHROPIC)
    assert len(told(reader, 500, b'{"error": "a", "x": "', *[b"x" * 60_000] * 9, b'"}')) == 1
    assert len(reader._held) <= 2 * MAX_ERROR + 1


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (404, "model 'x' not found", ("invalid_request_error", "model_not_found")),
        (404, "page not found", ("invalid_request_error", "upstream_error")),
        (400, "bad", ("invalid_request_error", "upstream_error")),
        (429, "slow down", ("requests", "rate_limit_exceeded")),
        (500, "model runner crashed", ("server_error", "upstream_error")),
    ],
)
def test_an_upstreams_error_has_openais_types(status: int, said: str, expected: tuple[str, str]) -> None:
    error = upstream_error(status, said)
    assert error == OpenAIError(status, said, *expected)


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b" ", b"{}", b"\xc3", b"\xa9"]), max_size=30))
def test_lines_are_the_same_in_any_chunks(pieces: list[bytes]) -> None:
    lines, whole = Lines(), Lines()
    found = [line for piece in pieces for line in lines.feed(piece)] + [*lines.finish()]
    assert found == [*whole.feed(b"".join(pieces)), *whole.finish()]
    assert found == [line.strip() for line in b"".join(pieces).split(b"\n") if line.strip()]


@pytest.mark.parametrize("chunks", [(b"123456",), (b"123", b"456"), (b"1\n123456\n",)])
def test_a_line_has_a_bound(chunks: tuple[bytes, ...]) -> None:
    lines = Lines(limit=5)
    with pytest.raises(Malformed, match="longer than 5 bytes"):
        [line for chunk in chunks for line in lines.feed(chunk)]
    assert [*Lines(limit=5).feed(b"12345\n12345\n")] == [b"12345", b"12345"]


def test_a_body_has_a_bound() -> None:
    body = Collected(limit=5)
    body.feed(b"123")
    body.feed(b"45")
    with pytest.raises(Malformed, match="longer than 5 bytes"):
        body.feed(b"6")
    body = Collected()
    body.feed(b"a")
    assert (body.take(), body.take()) == (b"a", b"")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'"a"',
        b"\xff",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"[" * 100_000,
        b"9" * 9999,
    ],
)
def test_what_is_no_json_object_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        json_answer(text)
    assert len(str(caught.value)) < 40
