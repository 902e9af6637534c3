import asyncio
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from reconciler.errors import InvalidInput
from reconciler.management.problems import BadRequest, TooLarge, UnsupportedMedia, status_of
from reconciler.management.rest import bodies


def request(*headers: tuple[str, str], body: tuple[bytes, ...] = (b"{}",), leaves: bool = False) -> Request:
    messages: Iterator[Message] = iter(
        [
            *({"type": "http.request", "body": part, "more_body": True} for part in body),
            {"type": "http.disconnect"} if leaves else {"type": "http.request", "body": b""},
        ]
    )

    async def receive() -> Message:
        return next(messages)

    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return Request(
        {"type": "http", "method": "POST", "path": "/", "headers": sent, "query_string": b""}, receive
    )


def test_json_is_what_specs_are_made_of() -> None:
    found = bodies.json_value(b'{"a": [1, -2, true, null, "x"], "temperature": 0.2, "b": {}}')
    assert found == {"a": [1, -2, True, None, "x"], "temperature": "0.2", "b": {}}
    assert bodies.json_object(b"\xef\xbb\xbf{}") == {}
    with pytest.raises(BadRequest, match="not a JSON object"):
        bodies.json_object(b"[]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"\xff", "UTF-8"),
        (b'{"a": 1, "a": 2}', '"a" twice'),
        (b'{"x": {"a": 1, "a": 1}}', "twice"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"9007199254740993", "larger"),
        (b"1" * 5000, "larger"),
        (b"1e5", "exponent"),
        (b"1.5e400", "exponent"),
        (b"0." + b"1" * 60, "digits"),
        (b"[" * 65 + b"]" * 65, "deep"),
        (b"[" * 100_000, "deep"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b'"\\u0000"', "null"),
        (b"[" + b"1," * 20_000 + b"1]", "more than"),
    ],
    ids=range(18),
)
def test_what_is_no_such_json_is_refused_in_words(text: bytes, told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        bodies.json_value(text)


def test_as_deep_as_a_manifest_may_be() -> None:
    assert bodies.json_value(b"[" * 64 + b"]" * 64)


@pytest.mark.parametrize(
    "header", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_the_media_type_of_a_body(header: str) -> None:
    assert bodies.media_type(request(("content-type", header)), (bodies.JSON,)) == bodies.JSON


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "text/plain")],
        [("content-type", "application/json; charset=utf-16")],
        [("content-type", "application/json; boundary=x")],
        [("content-type", "application/json"), ("content-type", "application/json")],
        [("content-type", "application/json,text/plain")],
        [("content-type", "application/json"), ("content-encoding", "gzip")],
    ],
    ids=range(7),
)
def test_another_media_type_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnsupportedMedia):
        bodies.media_type(request(*headers), (bodies.JSON,))


def test_a_body_is_bounded_whatever_it_says_of_itself() -> None:
    assert asyncio.run(bodies.read(request(body=(b"ab", b"c")), 3)) == b"abc"
    for large in (
        request(("content-length", "4")),
        request(("content-length", "9" * 100)),
        request(body=(b"ab", b"cd")),
    ):
        with pytest.raises(TooLarge):
            asyncio.run(bodies.read(large, 3))
    with pytest.raises(TooLarge, match="1 MiB"):
        asyncio.run(bodies.read(request(("content-length", "9" * 9)), bodies.MAX_JSON_BYTES))
    with pytest.raises(BadRequest, match="left"):
        asyncio.run(bodies.read(request(leaves=True), 3))


def test_nothing_is_nothing_or_an_empty_object() -> None:
    json = ("content-type", "application/json")
    for taken in (
        request(body=(b"",)),
        request(json, body=(b" {\n} ",)),
        request(("content-type", "text/plain"), body=(b"",)),
    ):
        asyncio.run(bodies.nothing(taken))
    for content in (b'{"dryRun":true}', b"[]", b"null", b"{", b"\xff", b"{}{}", b" "):
        with pytest.raises(InvalidInput, match="no body is taken") as refused:
            asyncio.run(bodies.nothing(request(json, body=(content,))))
        assert status_of(refused.value) == 422
    for headers in ((), (("content-type", "text/plain"),), (json, ("content-encoding", "gzip"))):
        with pytest.raises(InvalidInput, match="no body is taken"):
            asyncio.run(bodies.nothing(request(*headers)))
    with pytest.raises(TooLarge, match="1 MiB"):
        asyncio.run(bodies.nothing(request(json, ("content-length", str(70 * 1024 * 1024)))))
