import json

import pytest
from openai.types.responses import Response

from reconciler.protocol.chat import Identity
from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.responses import ResponseWriter, read_responses
from reconciler.protocol.sse import Decoder
from reconciler.protocol.usage import Usage

USAGE = Usage(3, 4, 7)


def writer() -> ResponseWriter:
    return ResponseWriter(Identity("resp_1", 1_800_000_000, "m"), 100)


@pytest.mark.parametrize(
    "given",
    [
        "a",
        [{"role": "user", "content": "a"}],
        [{"content": [{"type": "input_text", "text": "a"}]}, {"type": "x"}],
    ],
)
def test_reads_a_request(given: object) -> None:
    sent = {"model": "m", "input": given, "instructions": "i", "max_output_tokens": 5, "stream": True}
    request = read_responses(json.dumps(sent).encode())
    assert (request.texts, request.max_tokens, request.stream) == (("i", "a"), 5, True)


@pytest.mark.parametrize("body", [b"{", b'{"model": "m"}', b'{"model": "m", "input": 1}', b'{"input": "a"}'])
def test_refuses_what_openai_refuses(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_responses(body)


@pytest.mark.parametrize(("reason", "status"), [("stop", "completed"), ("length", "incomplete")])
def test_an_answer_is_whole(reason: str, status: str) -> None:
    answer = Response.model_validate_json(
        writer().whole("text", "stop" if reason == "stop" else "length", USAGE)
    )
    assert (answer.output_text, answer.status) == ("text", status)
    assert (answer.incomplete_details is not None) == (status == "incomplete")
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 4)


def test_a_stream_is_whole_and_in_order() -> None:
    one = writer()
    stream = one.opening(USAGE) + one.content("a\n") + one.content("b") + one.closing("a\nb", "stop", USAGE)
    events = Decoder().feed(stream)
    told = [json.loads(event.data) for event in events]
    assert [event.event for event in events] == [value["type"] for value in told]
    assert [value["sequence_number"] for value in told] == list(range(len(told)))
    assert (events[0].event, events[-1].event) == ("response.created", "response.completed")
    assert [value["delta"] for value in told if value["type"] == "response.output_text.delta"] == ["a\n", "b"]
    assert told[-1]["response"]["output"][0]["content"][0]["text"] == "a\nb"
    assert told[-1]["response"]["usage"]["total_tokens"] == 7
