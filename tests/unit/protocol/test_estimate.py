import json

import pytest

from reconciler.protocol.estimate import delta_bytes, estimated, prompt_bytes, text_bytes, tokens
from reconciler.protocol.usage import Usage


@pytest.mark.parametrize(("size", "count"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)])
def test_four_bytes_are_a_token(size: int, count: int) -> None:
    assert tokens(size) == count


@pytest.mark.parametrize(
    ("request_body", "prompt"),
    [
        ({"messages": [{"role": "user", "content": "x" * 40}]}, 10),
        ({"prompt": "x" * 40, "suffix": "not counted"}, 10),
        ({"input": ["x" * 20, "x" * 20], "instructions": "жж"}, 11),
        ({"system": [{"text": "x" * 8}], "messages": []}, 2),
        ({"messages": [{"content": [{"text": "x" * 8}, {"image_url": {"url": "data:" + "x" * 999}}]}]}, 2),
        ({"messages": [{"content": [{"source": {"data": "x" * 999}}, {"file": {"file_data": "x"}}]}]}, 0),
        ({"model": "m", "user": "u"}, 0),
        ([], 0),
    ],
)
def test_the_texts_of_a_prompt_count(request_body: object, prompt: int) -> None:
    assert estimated(json.dumps(request_body).encode(), 8) == Usage(prompt, 2, prompt + 2, estimated=True)


def test_what_the_upstream_told_of_the_prompt_stands() -> None:
    assert estimated(b'{"messages": ["x"]}', 4, told_prompt=12) == Usage(12, 1, 13, estimated=True)


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[" * 100_000])
def test_a_body_that_is_no_json_counts_for_nothing(body: bytes) -> None:
    assert estimated(body, 0).prompt_tokens == 0


def test_the_texts_of_an_answer_count() -> None:
    message = {
        "content": 'a "b"',
        "reasoning_content": "cd",
        "tool_calls": [{"arguments": "{}"}],
        "role": "xxx",
    }
    assert text_bytes(json.dumps({"choices": [{"message": message}]}).encode()) == 7 + 2 + 2
    assert text_bytes(b'{"content": [{"type": "text", "text": "abc"}]}') == 3
    assert text_bytes(b'{"partial_json": "{\\"a\\"", "thinking": "x"') == 7
    assert delta_bytes(b'{"delta": "abcd", "text": "abcd"}') == 4


def test_texts_without_an_end_are_measured_quickly() -> None:
    assert text_bytes(b'"text":"' + b"\\a" * 100_000) == 200_000
    assert text_bytes(b'"text":"' * 100_000) == 0


def test_the_members_of_a_prompt_are_counted_as_they_were_read() -> None:
    members = {
        "messages": [{"role": "user", "content": "four"}],
        "tools": [{"name": "eight888"}],
        "other": "x",
    }
    assert prompt_bytes(members) == 12
    assert prompt_bytes({}) == 0
