import json

import pytest

from reconciler.protocol.sse import Decoder
from reconciler.protocol.tool_xml.answers import (
    KEEP_ALIVE,
    MAX_CHOICES,
    Calls,
    ChunkWriter,
    TooManyChoices,
    with_calls,
)
from reconciler.protocol.tool_xml.reading import CallReader
from reconciler.protocol.tool_xml.tools import tool

NOW = tool("now", "", {})
FOREIGN = [{"id": "1", "type": "function", "function": {"name": "rm", "arguments": "{}"}}]


def calls() -> Calls:
    return Calls(lambda: CallReader([NOW]), "call_")


def answer(content: object, reason: object = "stop", **more: object) -> dict[str, object]:
    message = {"role": "assistant", "content": content, **more}
    return {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def chunk(delta: object, reason: object = None, **more: object) -> dict[str, object]:
    return {"id": "x", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}


def told(writer: ChunkWriter, *chunks: dict[str, object]) -> list[dict[str, object]]:
    written = b"".join(writer.chunk(each, json.dumps(each).encode()) for each in chunks)
    return [json.loads(event.data) for event in Decoder().feed(written)]


def deltas(events: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(each["delta"], each["finish_reason"]) for event in events for each in event["choices"]]  # type: ignore[attr-defined]  # JSON


def test_calls_of_a_plain_answer() -> None:
    changed = with_calls(answer("It is <now/><now/>"), calls())
    assert changed is not None
    assert changed["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "It is ",
                "tool_calls": [
                    {"id": f"call_000{n}", "type": "function", "function": {"name": "now", "arguments": "{}"}}
                    for n in (0, 1)
                ],
            },
            "finish_reason": "tool_calls",
        }
    ]
    only = with_calls(answer("<now/>", "length"), calls())
    assert only is not None
    assert '"content": null' in json.dumps(only)
    assert '"finish_reason": "length"' in json.dumps(only)


@pytest.mark.parametrize(
    "given",
    [
        answer("<b>bold</b>"),
        answer(None),
        answer([1]),
        {"choices": 1},
        {"error": {}},
        {"choices": [1, {"message": 2}]},
    ],
)
def test_what_has_no_calls_stays_as_it_is(given: dict[str, object]) -> None:
    assert with_calls(given, calls()) is None


def test_calls_that_the_upstream_makes_itself_are_none() -> None:
    changed = with_calls(answer("a", "tool_calls", tool_calls=FOREIGN), calls())
    assert changed == answer("a")
    events = told(ChunkWriter(calls()), chunk({"tool_calls": FOREIGN}), chunk({}, "tool_calls"))
    assert deltas(events) == [({}, "stop")]


def test_a_stream() -> None:
    writer = ChunkWriter(calls())
    events = told(
        writer,
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "It is <"}),
        chunk({"content": "now"}),
        chunk({"content": "/> ", "reasoning_content": "hm"}),
        chunk({}, "stop", usage={"total_tokens": 1}),
        {"choices": [], "usage": None},
    )
    assert deltas(events) == [
        ({"role": "assistant", "content": ""}, None),
        ({"content": "It is "}, None),
        ({"reasoning_content": "hm"}, None),
        (
            {"tool_calls": [{"index": 0, "id": "call_0000", "type": "function", "function": {"name": "now", "arguments": ""}}]},
            None,
        ),
        ({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}, None),
        ({}, "tool_calls"),
    ]  # fmt: skip
    assert [event.get("usage") for event in events] == [None] * 5 + [{"total_tokens": 1}, None]
    assert all(event["id"] == "x" for event in events[:-1])
    assert writer.rest(ended=True) == b""


def test_a_chunk_of_which_nothing_can_be_told_is_a_comment() -> None:
    writer = ChunkWriter(calls())
    assert writer.chunk(chunk({"content": "<no"}), b"") == KEEP_ALIVE
    assert b'"usage": 5' in writer.chunk(chunk({"content": "w"}, usage=5), b"")


def test_a_chunk_that_does_not_change_passes_as_it_came() -> None:
    writer, given = ChunkWriter(calls()), chunk({"content": "hi"})
    assert writer.chunk(given, b"{ as it came }") == b"data: { as it came }\n\n"
    assert writer.chunk({"error": {}}, b"{e}") == b"data: {e}\n\n"
    assert writer.chunk({"choices": [5]}, b"{5}") == b"data: {5}\n\n"


def test_what_is_held_comes_with_the_end() -> None:
    assert deltas(told(ChunkWriter(calls()), chunk({"content": "a <no"}, "stop"))) == [
        ({"content": "a <no"}, "stop")
    ]
    writer = ChunkWriter(calls())
    assert told(writer, chunk({"role": "assistant", "content": "<now/> <"}))
    ended = writer.rest(ended=True)
    assert b'"content": " <"' in ended
    assert b'"tool_calls"' in ended.splitlines()[-2]
    broken = ChunkWriter(calls())
    told(broken, chunk({"content": "<now/> <"}))
    assert b'"finish_reason": "' not in broken.rest(ended=False)


def test_several_choices_have_calls_of_their_own() -> None:
    writer = ChunkWriter(calls())
    both: dict[str, object] = {"choices": [{"index": n, "delta": {"content": "<now/>"}} for n in (0, 1)]}
    assert [each["index"] for event in told(writer, both) for each in event["choices"]] == [0, 0, 1, 1]  # type: ignore[attr-defined]  # JSON
    many: dict[str, object] = {
        "choices": [{"index": n, "delta": {"content": "a"}} for n in range(MAX_CHOICES + 1)]
    }
    with pytest.raises(TooManyChoices):
        writer.chunk(many, b"")
