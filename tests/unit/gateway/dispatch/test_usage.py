import json

import pytest
from fakes.serving import EchoAdapter, built

from reconciler.gateway.dispatch.relay import OpaqueRelay, PlainRelay, StreamRelay
from reconciler.gateway.dispatch.usage import UsageRefusals, refuses_to_tell, used
from reconciler.protocol.body import read_request
from reconciler.protocol.reservation import LOOKED_INTO
from reconciler.protocol.streams import MessagesStream
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS

BODY = read_request(b'{"messages": [{"content": "12345678"}]}')


@pytest.mark.parametrize(
    ("status", "body", "refuses"),
    [
        (400, b'{"error": "Unknown parameter: stream_options"}', True),
        (422, b'{"detail": [{"loc": ["body", "stream_options", "include_usage"]}]}', True),
        (400, b'{"error": "messages are missing"}', False),
        (500, b"stream_options", False),
        (400, b"", False),
    ],
)
def test_only_an_error_about_the_field_is_a_refusal_to_tell(status: int, body: bytes, refuses: bool) -> None:
    assert refuses_to_tell(status, body) is refuses


def test_a_refusal_is_of_one_build_of_a_provider() -> None:
    refusals = UsageRefusals()
    upstream = built("a", EchoAdapter("a"), "none")
    assert upstream not in refusals
    refusals.add(upstream)
    assert built("a", EchoAdapter("a"), "none", 9) in refusals
    assert built("b", EchoAdapter("b"), "none") not in refusals


def test_what_was_told_is_used() -> None:
    relay = PlainRelay()
    relay.feed(b'{"content": "1234", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}')
    relay.finish()
    assert used(ENDPOINTS[Endpoint.CHAT], BODY, relay) == Usage(3, 4, 7)


def test_what_was_not_told_is_estimated_of_what_passed() -> None:
    relay = PlainRelay()
    relay.feed(b'{"content": "1234"')
    assert used(ENDPOINTS[Endpoint.CHAT], BODY, relay) == Usage(2, 1, 3, estimated=True)


def test_a_stream_that_told_its_prompt_is_estimated_from_there() -> None:
    relay = StreamRelay(MessagesStream())
    relay.feed(b'data: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\n')
    relay.feed(b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"12345"}}\n\n')
    assert used(ENDPOINTS[Endpoint.MESSAGES], BODY, relay) == Usage(9, 2, 11, estimated=True)


def test_sounds_and_pictures_are_not_estimated() -> None:
    assert used(ENDPOINTS[Endpoint.SPEECH], BODY, OpaqueRelay()) is None


def test_a_large_prompt_is_not_read_again() -> None:
    body = read_request(json.dumps({"model": "m", "prompt": "x" * LOOKED_INTO}).encode())
    assert used(ENDPOINTS[Endpoint.CHAT], body, PlainRelay()) == Usage(
        LOOKED_INTO // 4, 0, LOOKED_INTO // 4, estimated=True
    )
