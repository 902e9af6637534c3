import json

import pytest
from fakes.wire import recorded
from hypothesis import given, strategies

from reconciler.protocol import answer_ends
from reconciler.protocol.answer_ends import Ends, ends_of
from reconciler.protocol.finish_reasons import Finish, of_choices, of_message, of_response
from reconciler.protocol.usage import Usage, read_usage, usage_at_end

FINISHES: list[Finish | None] = [None, of_choices, of_message, of_response]
COUNTS = strategies.one_of(
    strategies.integers(0, 99_999), strategies.integers(-5, 2**33), strategies.sampled_from([None, 1.5, "5"])
)
TOLD = strategies.dictionaries(
    strategies.sampled_from(
        [
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "seconds",
        ]
    ),
    COUNTS,
)


def by_the_readers(answer: bytes, finish: Finish | None) -> tuple[Usage | None, str | None]:
    return usage_at_end(answer) or read_usage(answer), None if finish is None else finish(answer)


def chat(prompt: int, completion: int, reason: str = "stop", **more: object) -> bytes:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    choice = {"message": {"content": "x" * 600}, "finish_reason": reason}
    return json.dumps({"choices": [choice], "usage": usage, **more}).encode()


def message(read: int, cached: int, said: int) -> bytes:
    usage = {"input_tokens": read, "cache_read_input_tokens": cached, "output_tokens": said}
    return json.dumps({"content": [{"text": "hi"}], "stop_reason": "end_turn", "usage": usage}).encode()


def looked_up(ends: Ends, answer: bytes) -> bool:
    before = ends.found
    ends.read(answer)
    return ends.found > before


@pytest.mark.parametrize("finish", FINISHES)
@given(answers=strategies.lists(strategies.tuples(TOLD, strategies.sampled_from(["stop", "length", "a-1"]))))
def test_the_readers_would_have_told_the_same(
    finish: Finish | None, answers: list[tuple[dict[str, object], str]]
) -> None:
    ends = Ends(finish)
    for usage, reason in answers * 3:
        key = "stop_reason" if finish is of_message else "finish_reason"
        answer = json.dumps({"choices": [{"text": "hi", key: reason}], "usage": usage}).encode()
        assert ends.read(answer) == by_the_readers(answer, finish)


@given(strategies.lists(strategies.tuples(strategies.integers(0, 10**5), strategies.integers(0, 10**5))))
def test_numbers_of_all_lengths_are_read(counts: list[tuple[int, int]]) -> None:
    ends = Ends(of_choices)
    for prompt, completion in counts * 3:
        assert ends.read(chat(prompt, completion)) == (Usage(prompt, completion, prompt + completion), "stop")


def test_an_end_is_looked_up_once_its_shape_was_seen_twice() -> None:
    ends = Ends(of_choices)
    assert [looked_up(ends, chat(11, 22)), looked_up(ends, chat(33, 44))] == [False, False]
    assert looked_up(ends, chat(55, 11))
    assert not looked_up(ends, chat(90, 17)), "its total has another length"


def test_what_is_counted_apart_is_added() -> None:
    ends = Ends(of_message)
    for read, cached, said in [(5, 10, 7), (6, 20, 8), (7, 30, 9), (1, 99, 2)]:
        assert ends.read(message(read, cached, said)) == (
            Usage(read + cached, said, read + cached + said),
            "end_turn",
        )


@pytest.mark.parametrize("path", ["openai-chat/text.json", "openai-misc/embedding.json"])
def test_recorded_answers_are_looked_up(path: str) -> None:
    answer = recorded(path)
    finish = of_choices if b"finish_reason" in answer else None
    ends, told = Ends(finish), by_the_readers(answer, finish)
    assert [ends.read(answer) for _ in range(2)] == [told, told]
    assert looked_up(ends, answer)
    assert ends.read(answer) == told


def test_another_reason_is_another_shape() -> None:
    ends = Ends(of_choices)
    reasons = [ends.read(chat(11, 22, reason))[1] for reason in ["stop", "length", "stop_1", "stop_2"] * 3]
    assert reasons == ["stop", "length", "stop_1", "stop_2"] * 3


def test_no_number_begins_with_a_zero() -> None:
    ends = Ends(of_choices)
    for _ in range(3):
        ends.read(chat(111, 222))
    assert ends.read(chat(111, 222).replace(b"111", b"011")) == (None, "stop")


def test_a_count_beyond_reason_is_none() -> None:
    ends = Ends(of_choices)
    for _ in range(3):
        assert ends.read(chat(1_111_111_111, 5))[0] == Usage(1_111_111_111, 5, 1_111_111_116)
    assert ends.read(chat(9_999_999_999, 5))[0] == Usage(0, 5, 5)


def test_an_end_that_holds_text_is_not_kept() -> None:
    ends = Ends(of_choices)
    answer = b'{"choices":[{"finish_reason":"stop","message":{"content":"hi"}}],"usage":{"total_tokens":5}}'
    for _ in range(4):
        assert ends.read(answer) == (Usage(5, 0, 5), "stop")
    assert not ends.found


def test_usage_further_ahead_is_only_read_of_a_whole_answer() -> None:
    answer = json.dumps({"usage": {"total_tokens": 5}, "x": [{"usage": 1}] * 9}).encode()
    ends = Ends(None)
    assert [ends.read(answer, whole=False) for _ in range(3)] == [(None, None)] * 3
    assert [ends.read(answer) for _ in range(3)] == [(Usage(5, 0, 5), None)] * 3


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_ends, "KEPT", 2)
    monkeypatch.setattr(answer_ends, "WORTH", 4)
    ends = Ends(of_choices)
    first, second, third = (chat(11, 22, reason) for reason in ["a", "b", "c"])
    for answer in (first, second, third):
        ends.read(answer)
        ends.read(answer)
    assert not looked_up(ends, third), "there was no place for it"
    assert all(looked_up(ends, first) for _ in range(8))
    for _ in range(3):
        ends.read(third)
    assert looked_up(ends, third)
    assert not looked_up(ends, first), "it was forgotten for others"


def test_what_nobody_needs_any_more_makes_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_ends, "KEPT", 2)
    monkeypatch.setattr(answer_ends, "WORTH", 2)
    ends = Ends(of_choices)
    for reason in ("a", "b"):
        for _ in range(2):
            ends.read(chat(11, 22, reason))
    for _ in range(6):
        ends.read(chat(11, 22, "c"))
    assert looked_up(ends, chat(11, 22, "c"))


def test_all_answers_of_a_kind_share_what_is_known() -> None:
    assert ends_of(of_choices) is ends_of(of_choices)
    assert ends_of(of_choices) is not ends_of(of_message)
    assert ends_of(lambda _: "other").read(b"{}") == (None, "other")
