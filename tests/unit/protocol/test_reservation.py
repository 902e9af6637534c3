import json

import pytest

from reconciler.protocol.body import read_request
from reconciler.protocol.reservation import GUESSED_ANSWER, LOOKED_INTO, reservation


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"messages": []}', GUESSED_ANSWER),
        (b'{"max_tokens": 12}', 12),
        (b'{"max_completion_tokens":7}', 7),
        (b'{"max_output_tokens" : 0, "x": 1}', 0),
        (b'{"max_tokens": 1e3}', GUESSED_ANSWER),
        (b'{"max_tokens": null}', GUESSED_ANSWER),
        (b'{"metadata": {"max_tokens": 0}, "max_tokens": 900}', 900),
        (b'{"max_tokens": 1, "max_completion_tokens": 900}', 900),
        (json.dumps({"content": 'say "max_tokens": 9'}).encode(), GUESSED_ANSWER),
    ],
)
def test_an_answer_takes_what_the_request_allows_it(body: bytes, answer: int) -> None:
    prompt = -(-len(body) // 4)
    assert reservation(body, answers=True) == (prompt, answer)
    assert reservation(body, answers=False) == (prompt, 0)


def test_of_a_large_body_only_texts_count() -> None:
    picture = {"type": "image_url", "image_url": {"url": "x" * LOOKED_INTO}}
    body = json.dumps({"messages": [{"role": "user", "content": ["y" * 40, picture]}]}).encode()
    assert reservation(body, answers=False) == (10, 0)


def test_what_is_no_json_has_no_prompt_where_it_is_large() -> None:
    assert reservation(b"\xff" * LOOKED_INTO, answers=False) == (0, 0)


@pytest.mark.parametrize(
    ("several", "answer"),
    [
        (b'{"n": 3, "max_tokens": 10}', 30),
        (b'{"n":2}', 2 * GUESSED_ANSWER),
        (b'{"n": 0, "max_tokens": 10}', 10),
        (b'{"n": {}, "max_tokens": 10}', 10),
        (b'{"best_of": 4, "n": 2, "max_tokens": 10}', 40),
        (b'{"metadata": {"n": 1}, "n": 9, "max_tokens": 10}', 90),
        (b'{"\\u006e": 9, "max_tokens": 10}', 90),
    ],
)
def test_several_answers_take_several_times_as_much(several: bytes, answer: int) -> None:
    assert reservation(several, answers=True)[1] == answer


@pytest.mark.parametrize("padding", ["", "x" * LOOKED_INTO])
def test_a_name_that_is_written_in_another_way_counts(padding: str) -> None:
    body = b'{"max\\u005ftokens": 900, "\\u006e": 2, "user": "%b"}' % padding.encode()
    assert reservation(body, answers=True)[1] == 1800


@pytest.mark.parametrize("bound", ['"9"', "1.5", "true", "-1", "[9]"])
def test_what_is_no_number_of_tokens_bounds_nothing_in_a_large_body(bound: str) -> None:
    body = f'{{"user": "{"x" * LOOKED_INTO}", "max_tokens": {bound}}}'.encode()
    assert reservation(body, answers=True)[1] == GUESSED_ANSWER


@pytest.mark.parametrize(
    ("members", "asked"),
    [
        ({"metadata": {"max_tokens": 1}}, GUESSED_ANSWER),
        ({"metadata": {"max_tokens": 900}}, 900),
        ({"metadata": {"max_tokens": 900}, "max_tokens": 1}, 900),
        ({"max_tokens": 1}, 1),
        ({"max_output_tokens": 12}, 12),
        ({"max_tokens": 1000, "n": 10_000}, 10_000_000),
        ({"best_of": 3}, 3 * GUESSED_ANSWER),
    ],
)
def test_no_limit_elsewhere_lowers_what_is_guessed(members: dict[str, object], asked: int) -> None:
    raw = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": "caf\u00e9"}], **members}
    ).encode()
    assert read_request(raw).asked == asked
