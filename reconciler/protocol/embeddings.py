"""OpenAI embeddings as a server writes them."""

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.protocol.chat import json_object, model_of
from reconciler.protocol.errors import InvalidRequest, invalid_body

MAX_INPUTS = 2048
MAX_DIMENSIONS = 8192


@dataclass(frozen=True, slots=True)
class EmbeddingsRequest:
    """`inputs` are texts; token numbers stand as text too. `dimensions` is None where the client asked for none."""

    model: str
    inputs: tuple[str, ...]
    base64: bool
    dimensions: int | None


def read_embeddings(body: bytes) -> EmbeddingsRequest:
    """Raises InvalidRequest for what OpenAI answers with 400."""
    request = json_object(body)
    encoding = request.get("encoding_format")
    if encoding not in (None, "float", "base64"):
        raise _invalid("encoding_format", "expected float or base64")
    dimensions = request.get("dimensions")
    if dimensions is not None and not _is_dimension(dimensions):
        raise _invalid("dimensions", f"expected an integer from 1 to {MAX_DIMENSIONS}")
    return EmbeddingsRequest(
        model=model_of(request),
        inputs=_inputs(request.get("input")),
        base64=encoding == "base64",
        dimensions=dimensions if isinstance(dimensions, int) else None,
    )


def embeddings_answer(
    model: str, vectors: Sequence[Sequence[float]], *, as_base64: bool, tokens: int
) -> bytes:
    """The body of an answer; base64 holds little-endian 32-bit floats."""
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _packed(vector) if as_base64 else list(vector),
        }
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "data": data, "model": model, "usage": usage}).encode()


def _inputs(given: object) -> tuple[str, ...]:
    """One text, several, one list of token numbers, or several of them."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, list) or not given or len(given) > MAX_INPUTS:
        raise _invalid("input", f"expected a text or a list of 1 to {MAX_INPUTS}")
    if all(isinstance(item, str) for item in given):
        return tuple(given)
    if _is_tokens(given):
        return (_token_text(given),)
    if all(isinstance(item, list) and item and _is_tokens(item) for item in given):
        return tuple(_token_text(item) for item in given)
    raise _invalid("input", "expected texts or lists of token numbers")


def _is_tokens(items: list[object]) -> bool:
    return all(isinstance(item, int) and not isinstance(item, bool) for item in items)


def _token_text(tokens: list[object]) -> str:
    return " ".join(str(token) for token in tokens)


def _is_dimension(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_DIMENSIONS


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _invalid(param: str, expected: str) -> InvalidRequest:
    return InvalidRequest(invalid_body(f"Invalid '{param}': {expected}.", param, "invalid_value"))
