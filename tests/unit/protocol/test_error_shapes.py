import json

import pytest

from reconciler.protocol import errors
from reconciler.protocol.error_shapes import ANTHROPIC, MAX_REPEATED, OPENAI, RESPONSES, words
from reconciler.protocol.errors import OpenAIError


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (415, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_anthropics_types_follow_the_status(status: int, kind: str) -> None:
    body = ANTHROPIC.body(OpenAIError(status, "no", "x", "y"))
    assert json.loads(body) == {"type": "error", "error": {"type": kind, "message": "no"}}
    assert ANTHROPIC.fits(body)
    assert OPENAI.fits(body)  # near enough: its text is found


def test_openais_is_the_errors_own() -> None:
    error = errors.model_not_found("x")
    assert OPENAI.body(error) == RESPONSES.body(error) == error.body()
    assert not ANTHROPIC.fits(error.body())


@pytest.mark.parametrize(
    ("body", "shape", "said"),
    [
        (b'{"error": {"message": "m"}}', True, "m"),
        (b'{"error": "m"}', True, "m"),
        (b'{"detail": "m"}', False, "m"),
        (b'{"object": "error", "message": "m"}', False, "m"),
        (b'{"error": {"code": 1}, "detail": [1]}', True, ""),
        (b'{"error": null}', False, ""),
        (b"[]", False, ""),
        (b"<html>", False, ""),
        (b"\xff", False, ""),
        (b"[" * 60_000, False, ""),
        (b"", False, ""),
    ],
)
def test_openais_error_shape_is_told_from_others(body: bytes, shape: bool, said: str) -> None:
    assert OPENAI.fits(body) is shape
    assert not ANTHROPIC.fits(body)
    assert words(body) == said


def test_what_is_repeated_is_bounded() -> None:
    assert len(words(json.dumps({"error": "x" * 60_000}).encode())) == MAX_REPEATED


@pytest.mark.parametrize(("shape", "name"), [(OPENAI, None), (RESPONSES, "error"), (ANTHROPIC, "error")])
def test_an_event_ends_the_stream(shape: object, name: str | None) -> None:
    assert shape in {OPENAI, RESPONSES, ANTHROPIC}
    event = (OPENAI if shape is OPENAI else RESPONSES if shape is RESPONSES else ANTHROPIC).event(
        errors.stream_broken(), 5
    )
    assert event.startswith(b"data: " if name is None else f"event: {name}\ndata: ".encode())
    assert event.endswith(b"\n\n")
    told = json.loads(event.partition(b"data: ")[2])
    assert told["error"]["message"] == "The provider's stream broke off."
    assert told.get("sequence_number") == (5 if shape is RESPONSES else None)
