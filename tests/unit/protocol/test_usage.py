import json

import pytest
from fakes.wire import recorded

from reconciler.protocol.usage import Usage, read_usage, usage_at_end


def usage(**counts: object) -> bytes:
    return json.dumps({"usage": counts}).encode()


def test_reads_the_three_counts() -> None:
    assert read_usage(usage(prompt_tokens=3, completion_tokens=4, total_tokens=9)) == Usage(3, 4, 9)


def test_a_missing_total_is_the_sum() -> None:
    assert read_usage(usage(prompt_tokens=3, completion_tokens=4)) == Usage(3, 4, 7)
    assert read_usage(usage(prompt_tokens=12, total_tokens=12)) == Usage(12, 0, 12)


def test_reads_the_other_spelling() -> None:
    assert read_usage(usage(input_tokens=3, output_tokens=4, total_tokens=7)) == Usage(3, 4, 7)
    assert read_usage(usage(total_tokens=5)) == Usage(5, 0, 5)


def test_a_cache_that_is_counted_apart_is_added() -> None:
    counts = {"input_tokens": 3, "cache_read_input_tokens": 10, "cache_creation_input_tokens": None}
    assert read_usage(usage(**counts, output_tokens=4)) == Usage(13, 4, 17)
    inside = {"input_tokens": 30, "input_tokens_details": {"cached_tokens": 20}, "output_tokens": 4}
    assert read_usage(usage(**inside)) == Usage(30, 4, 34)


@pytest.mark.parametrize("nonsense", [-1, "5", 1.5, True, None, 2**31, 10**30, [], {}])
def test_what_makes_no_sense_is_not_counted(nonsense: object) -> None:
    assert read_usage(usage(prompt_tokens=nonsense, completion_tokens=2)) == Usage(0, 2, 2)
    assert read_usage(usage(prompt_tokens=nonsense)) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"usage":null}',
        b'{"usage":"5"}',
        b'{"usage":[1]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_an_answer_without_usage(answer: bytes) -> None:
    assert read_usage(answer) is None


def test_reads_recorded_answers() -> None:
    assert read_usage(recorded("openai-chat/text.json")) == Usage(16, 363, 379)
    assert read_usage(recorded("openai-misc/embedding.json")) == Usage(12, 0, 12)


COUNTED = b'"usage": {"prompt_tokens": 5, "total_tokens": 7}'


@pytest.mark.parametrize(
    "tail",
    [
        b"half a text, " + COUNTED + b"}",
        b"0.5]}], " + COUNTED + b', "model": "m", "x": {"y": []}}\n',
        b'"usage"]}, ' + COUNTED + b"}",
        COUNTED + b', "model": "usage"}',
    ],
)
def test_the_usage_at_the_end_of_an_answer_is_found(tail: bytes) -> None:
    assert usage_at_end(tail) == Usage(5, 0, 7)


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b'"model": "m"}',
        COUNTED,
        b'{"choices": [{' + COUNTED + b"}]}",
        b'\\"usage\\": {\\"prompt_tokens\\": 5}"}',
        b'["usage", {"prompt_tokens": 5}]}',
        COUNTED + b"}" + b'"usage"' * 100,
    ],
)
def test_what_only_looks_like_usage_is_not_counted(tail: bytes) -> None:
    assert usage_at_end(tail) is None
