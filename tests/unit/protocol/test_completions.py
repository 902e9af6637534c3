import json

import pytest
from openai.types import Completion

from reconciler.protocol.chat import Identity
from reconciler.protocol.completions import CompletionWriter, read_completions
from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.sse import DONE, Decoder
from reconciler.protocol.usage import Usage

IDENTITY = Identity("cmpl-1", 1_800_000_000, "m")
USAGE = Usage(3, 4, 7)


@pytest.mark.parametrize(
    ("prompt", "texts"), [("a b", ("a b",)), (["a", "b"], ("a", "b")), ([1, 2], ("1", "2"))]
)
def test_reads_a_request(prompt: object, texts: tuple[str, ...]) -> None:
    request = read_completions(json.dumps({"model": "m", "prompt": prompt, "max_tokens": 5}).encode())
    assert (request.model, request.texts, request.stream, request.max_tokens) == ("m", texts, False, 5)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"model": "m"}', b'{"model": "m", "prompt": []}', b'{"prompt": "x"}']
)
def test_refuses_what_openai_refuses(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_completions(body)


def test_an_answer_is_whole() -> None:
    answer = CompletionWriter(IDENTITY, include_usage=False).whole("text", "length", USAGE)
    parsed = Completion.model_validate_json(answer, strict=True)
    assert (parsed.choices[0].text, parsed.choices[0].finish_reason) == ("text", "length")
    assert parsed.usage is not None
    assert parsed.usage.total_tokens == 7


@pytest.mark.parametrize("include_usage", [True, False])
def test_a_stream_is_whole(include_usage: bool) -> None:
    writer = CompletionWriter(IDENTITY, include_usage=include_usage)
    stream = writer.opening(USAGE) + writer.content("a\n\n") + writer.closing("a\n\n", "stop", USAGE)
    assert stream.endswith(DONE)
    chunks = [json.loads(event.data) for event in Decoder().feed(stream)[:-1]]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert [(choice["text"], choice["finish_reason"]) for choice in choices] == [
        ("a\n\n", None),
        ("", "stop"),
    ]
    assert [("usage" in chunk) for chunk in chunks] == [include_usage] * len(chunks)
    assert (chunks[-1]["choices"] == []) is include_usage
