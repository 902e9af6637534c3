import pytest
from fakes.loop import on_loop
from starlette.types import Message

from reconciler.gateway.endpoints.http import (
    BodyTooLarge,
    ClientGone,
    error_response,
    json_response,
    new_request_id,
    not_ready,
    own_headers,
    read_body,
)
from reconciler.snapshot.model import Snapshot


async def read(*messages: Message, length: bytes | None = None, limit: int = 10) -> bytes:
    """Reads past the last message are a fault of the reader."""
    left = list(messages)

    async def receive() -> Message:
        return left.pop(0)

    headers = [] if length is None else [(b"content-length", length)]
    return await read_body({"headers": headers}, receive, limit)


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@on_loop
async def test_a_body_is_read_to_its_end() -> None:
    assert await read(part(b"a"), part(b""), part(b"b", more=False)) == b"ab"
    assert await read(part(b"whole", more=False)) == b"whole"
    assert await read({"type": "http.request"}) == b""


@on_loop
async def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    with pytest.raises(BodyTooLarge):
        await read(part(b"12345678"), part(b"901"))
    with pytest.raises(BodyTooLarge) as refused:
        await read(length=b"11")
    assert refused.value.error.status == 413
    with pytest.raises(BodyTooLarge):
        await read(length=b"9" * 5000)


@on_loop
async def test_a_length_that_is_none_does_not_count() -> None:
    assert await read(part(b"1", more=False), length=b"-5") == b"1"
    assert await read(part(b"1" * 10, more=False), length=b"10") == b"1" * 10


@on_loop
async def test_a_client_that_leaves_while_it_sends() -> None:
    with pytest.raises(ClientGone):
        await read(part(b"a"), {"type": "http.disconnect"})


def test_request_ids_differ() -> None:
    assert new_request_id() != new_request_id()


def test_every_answer_tells_request_and_revision() -> None:
    assert own_headers("req-1", Snapshot(5)) == (
        ("x-routerctl-request-id", "req-1"),
        ("x-routerctl-revision", "5"),
    )
    assert own_headers("req-1", None) == (("x-routerctl-request-id", "req-1"),)


def test_responses_bear_their_headers() -> None:
    response = json_response({"a": 1}, (("x-routerctl-revision", "5"),), 201)
    assert (response.status_code, response.body) == (201, b'{"a": 1}')
    assert response.headers["x-routerctl-revision"] == "5"
    refusal = error_response(not_ready(), (("x-routerctl-request-id", "r"),))
    assert refusal.status_code == 503
    assert refusal.headers["retry-after"] == "1"
    assert refusal.headers["content-type"] == "application/json"
