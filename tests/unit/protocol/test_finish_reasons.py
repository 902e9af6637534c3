import pytest

from reconciler.protocol.finish_reasons import of_choices, of_ended_response, of_message, of_response, word


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}],"usage":{}}', "length"),
        (b'{"choices": [{"finish_reason" : "tool_calls"}, {"finish_reason": "stop"}]}', "tool_calls"),
        (rb'{"choices":[{"message":{"content":"\"finish_reason\":\"no\""},"finish_reason":"stop"}]}', "stop"),
        (b'{"choices":[{"finish_reason":"length","message":{"content":"' + b"x" * 5000 + b'"}}]}', "length"),
        (b'{"choices":[{"message":{"content":"' + b"x" * 5000 + b'"},"finish_reason":"stop"}]}', "stop"),
        (b'{"choices":[{"native_finish_reason":"STOP","finish_reason":null}]}', None),
        (b'{"choices":[{"finish_reason":"' + b"x" * 65 + b'"}]}', None),
        (b'{"choices":[{"finish_reason":"two words"}]}', None),
        (b'{"data": []}', None),
        (b"", None),
    ],
)
def test_of_chats_the_first_choice_tells(answer: bytes, reason: str | None) -> None:
    assert of_choices(answer) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"content":[],"stop_reason":"end_turn","stop_sequence":null,"usage":{}}', "end_turn"),
        (
            b'{"content":[{"type":"tool_use","input":{"stop_reason":"x"}}],"stop_reason":"tool_use"}',
            "tool_use",
        ),
        (b'{"content":[],"stop_reason":null}', None),
        (b'{"content":[]}', None),
    ],
)
def test_of_messages_what_stands_last_tells(answer: bytes, reason: str | None) -> None:
    assert of_message(answer) == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"status":"completed","incomplete_details":null,"output":[{"status":"incomplete"}]}', "completed"),
        (
            b'{"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}',
            "max_output_tokens",
        ),
        (b'{"output":[{"status":"incomplete"}],"status":"completed","usage":{}}', "completed"),
        (b'{"status":"in_progress","output":[]}', None),
        (b'{"output":[]}', None),
        (b'[{"status":"incomplete"}],"usage":{}}', None),
    ],
)
def test_of_responses_the_status_tells_and_not_that_of_an_item(answer: bytes, reason: str | None) -> None:
    assert of_response(answer) == reason


@pytest.mark.parametrize(
    ("kind", "response", "reason"),
    [
        ("response.completed", {"incomplete_details": None}, "completed"),
        ("response.incomplete", {"incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ("response.incomplete", {"incomplete_details": {"reason": 5}}, "incomplete"),
        ("response.completed", None, "completed"),
    ],
)
def test_a_stream_of_a_response_ends_with_an_event_that_tells(
    kind: str, response: object, reason: str
) -> None:
    assert of_ended_response(kind, response) == reason


@pytest.mark.parametrize(("told", "reason"), [("stop", "stop"), ("a b", None), ("x" * 65, None), (5, None)])
def test_only_a_word_is_a_reason(told: object, reason: str | None) -> None:
    assert word(told) == reason
