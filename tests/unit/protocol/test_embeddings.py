import base64
import json
import struct

import pytest
from openai.types import CreateEmbeddingResponse

from reconciler.protocol.embeddings import embeddings_answer, read_embeddings
from reconciler.protocol.errors import InvalidRequest


def body(**members: object) -> bytes:
    return json.dumps({"model": "m", "input": "a b", **members}).encode()


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ("a b", ("a b",)),
        (["a", ""], ("a", "")),
        ([1, 2, 3], ("1 2 3",)),
        ([[1, 2], [3]], ("1 2", "3")),
    ],
)
def test_reads_every_form_of_input(given: object, inputs: tuple[str, ...]) -> None:
    assert read_embeddings(body(input=given)).inputs == inputs


def test_reads_encoding_and_dimensions() -> None:
    request = read_embeddings(body(encoding_format="base64", dimensions=8))
    assert (request.base64, request.dimensions) == (True, 8)
    request = read_embeddings(body(encoding_format="float"))
    assert (request.base64, request.dimensions) == (False, None)


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"input": []}, "input"),
        ({"input": None}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"input": ["a", 1]}, "input"),
        ({"input": [[]]}, "input"),
        ({"input": [True]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
        ({"dimensions": 100_000}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": None}, "model"),
    ],
)
def test_refuses_what_openai_refuses(members: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_embeddings(body(**members))
    assert caught.value.error.param == param


def test_an_answer_in_numbers_and_in_base64() -> None:
    vectors = [[0.5, -0.25], [1.0, 0.0]]
    numbers = json.loads(embeddings_answer("m", vectors, as_base64=False, tokens=3))
    CreateEmbeddingResponse.model_validate(numbers)
    assert [item["embedding"] for item in numbers["data"]] == vectors
    assert [item["index"] for item in numbers["data"]] == [0, 1]
    assert numbers["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    packed = json.loads(embeddings_answer("m", vectors, as_base64=True, tokens=3))
    unpacked = [struct.unpack("<2f", base64.b64decode(item["embedding"])) for item in packed["data"]]
    assert [list(vector) for vector in unpacked] == vectors
