import pytest

from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.transcript import Turn, transcript, turns_of

USER = {"role": "user", "content": "hi"}


def told(*messages: object, **more: object) -> str:
    return transcript(turns_of({"messages": list(messages), **more}))


def test_one_message_stands_alone_behind_what_the_system_says() -> None:
    assert told(USER) == "hi"
    developer = {"role": "developer", "content": [{"type": "text", "text": "a"}, {"text": "b"}]}
    assert told({"role": "system", "content": "Be brief."}, developer, USER) == "Be brief.\n\na\nb\n\nhi"


def test_several_turns_are_headed_and_end_where_the_assistant_goes_on() -> None:
    said = {"role": "assistant", "content": None, "refusal": None}
    assert told(USER, said, USER) == "User:\nhi\n\nAssistant:\n\n\nUser:\nhi\n\nAssistant:"
    assert told({"role": "assistant", "content": "first"}) == "Assistant:\nfirst\n\nAssistant:"
    assert told({"role": "system", "content": ""}) == "Assistant:"


def test_a_refusal_is_what_was_said() -> None:
    part = {"type": "refusal", "refusal": "no"}
    assert turns_of({"messages": [{"role": "assistant", "content": [part]}]}) == (Turn("assistant", "no"),)


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [],
        ["text"],
        [{"content": "no role"}],
        [{"role": "tool", "content": "x"}],
        [{"role": "assistant", "tool_calls": [{}]}],
        [{"role": "user", "content": 5}],
        [{"role": "user", "content": ["x"]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
        [{"role": "user", "content": [{"type": "text", "text": 5}]}],
    ],
)
def test_what_no_text_can_say_is_refused(messages: object) -> None:
    with pytest.raises(InvalidRequest):
        turns_of({"messages": messages})


@pytest.mark.parametrize(
    "more",
    [{"n": 2}, {"response_format": {"type": "json_object"}}, {"response_format": {"type": "json_schema"}}],
)
def test_wishes_that_a_text_can_not_fulfil(more: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        told(USER, **more)
    assert told(USER, n=1, response_format={"type": "text"}) == "hi"
