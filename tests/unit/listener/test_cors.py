import asyncio

import pytest
from starlette.types import Message

from reconciler.listener.cors import Headers, is_preflight, marked, preflight_answer, readable

ORIGIN = b"https://app.example.com"


def asking(*names: bytes) -> Headers:
    return [
        (b"origin", ORIGIN),
        (b"access-control-request-method", b"POST"),
        *((b"access-control-request-headers", name) for name in names),
    ]


def test_a_preflight_is_options_with_an_origin_and_a_method() -> None:
    assert is_preflight("OPTIONS", asking())
    assert not is_preflight("POST", asking())
    assert not is_preflight("OPTIONS", asking()[:1])
    assert not is_preflight("OPTIONS", asking()[1:])


def test_a_preflight_is_told_what_it_may_do_and_for_how_long() -> None:
    assert preflight_answer(ORIGIN, asking(b"authorization,content-type"), ("GET", "POST")) == [
        (b"access-control-allow-origin", ORIGIN),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization,content-type"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]


@pytest.mark.parametrize(
    "asked", [(), (b"",), (b"a b",), (b"a,,b",), (b"a\r\nset-cookie: x",), (b"a," * 4096,)]
)
def test_what_is_no_list_of_headers_is_not_repeated(asked: tuple[bytes, ...]) -> None:
    assert b"access-control-allow-headers" not in dict(preflight_answer(ORIGIN, asking(*asked), ("GET",)))


def test_several_lists_of_headers_are_one() -> None:
    assert (
        dict(preflight_answer(ORIGIN, asking(b"a", b"b"), ("GET",)))[b"access-control-allow-headers"]
        == b"a, b"
    )


def test_every_header_of_an_answer_may_be_read_but_those_of_the_connection() -> None:
    given = [
        (b"content-type", b"application/json"),
        (b"X-Routerctl-Provider", b"p"),
        (b"x-ratelimit-limit", b"1"),
        (b"x-ratelimit-limit", b"2"),
        (b"set-cookie", b"no"),
    ]
    assert readable(ORIGIN, given) == [
        (b"access-control-allow-origin", ORIGIN),
        (b"access-control-expose-headers", b"x-routerctl-provider, x-ratelimit-limit"),
    ]
    assert readable(ORIGIN, []) == [(b"access-control-allow-origin", ORIGIN)]


@pytest.mark.parametrize("origin", [None, ORIGIN])
def test_only_the_head_of_an_answer_is_marked(origin: bytes | None) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def whole() -> None:
        sending = marked(send, origin)
        await sending({"type": "http.response.start", "status": 200})
        await sending({"type": "http.response.body", "body": b"x"})

    asyncio.run(whole())
    start, body = sent
    own = [] if origin is None else [(b"access-control-allow-origin", origin)]
    assert start["headers"] == [*own, (b"vary", b"Origin")]
    assert body == {"type": "http.response.body", "body": b"x"}
