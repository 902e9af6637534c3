"""What can't be read, and in which words that is told."""

import pytest
from fakes.hot_service import ScriptedService, hot_paths
from fakes.in_process import Answers, Wire
from fakes.loop import on_loop
from httptools import HttpParserCallbackError, HttpParserError
from starlette.types import Receive, Scope, Send

from reconciler.gateway.app import DataPlane
from reconciler.listener.slow_clients import INVALID, invalid, unknown_coding

BEGIN = b"POST /hot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
WHOLE = BEGIN + b"content-length: 2\r\n\r\n{}"


async def nobody(scope: Scope, receive: Receive, send: Send) -> None: ...


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ((), None),
        ((b"chunked",), None),
        ((b"Chunked",), None),
        ((b", chunked",), None),
        ((b"gzip",), None),
        ((b"chunked, gzip",), None),
        ((b"gzip, chunked",), 501),
        ((b"gzip", b"chunked"), 501),
        ((b"identity,chunked",), 501),
        ((b"chunked", b"chunked"), 400),
    ],
)
def test_a_coding_that_nobody_here_knows_is_told_from_a_framing_that_is_wrong(
    values: tuple[bytes, ...], status: int | None
) -> None:
    found = unknown_coding([(b"host", b"a"), *((b"transfer-encoding", value) for value in values)])
    assert (None if found is None else found.status) == status


def test_what_is_no_http_is_told_in_the_words_of_the_parser_and_never_in_those_of_code() -> None:
    assert (
        invalid(HttpParserError("Invalid header token")).message
        == "Invalid HTTP request: Invalid header token."
    )
    assert invalid(HttpParserCallbackError("a secret")) == INVALID


@on_loop
async def test_a_body_in_an_unknown_coding_is_501_and_ends_its_connection() -> None:
    service = ScriptedService()
    wire = Wire(DataPlane(nobody, hot_paths(service)))
    coded = b"transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    wire.send(WHOLE + BEGIN + coded + WHOLE)
    assert len(service.asked) == 1
    service.asked[0].reply.answer(200, (), b"ok")
    assert [status for status, _, _ in Answers(wire.received).whole] == [200, 501]
    assert b"connection: close" in wire.received
    assert len(service.asked) == 1
