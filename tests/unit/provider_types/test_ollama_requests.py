import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.ollama_requests import chat_request, embeddings_request

HI = [{"role": "user", "content": "hi"}]
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("look", "wait")
]


def sent(by_default: str | None = None, /, **members: object) -> dict[str, Any]:
    body = json.dumps({"model": "llama3.2", "messages": HI, **members}).encode()
    found: dict[str, Any] = json.loads(chat_request(body, by_default).body)
    return found


def refusal(**members: object) -> tuple[str, str | None]:
    with pytest.raises(InvalidRequest) as caught:
        sent(**members)
    assert caught.value.error.status == 400
    return caught.value.error.message, caught.value.error.param


def test_the_least_that_is_said() -> None:
    assert sent() == {"model": "llama3.2", "messages": HI, "stream": False}
    assert sent(stream=True)["stream"] is True


def test_what_the_answer_is_written_by() -> None:
    body = {"model": "m", "messages": HI, "stream": True, "stream_options": {"include_usage": True}}
    asked = chat_request(json.dumps(body).encode(), None)
    assert asked[1:] == ("m", True, True)


def test_parameters_become_options() -> None:
    options = {"temperature": 0.2, "top_p": 0.5, "top_k": 40, "min_p": 0.1, "seed": 7}
    penalties = {"presence_penalty": 0.5, "frequency_penalty": -0.5}
    told = sent(
        **options, **penalties, max_tokens=9, stop="\n", logit_bias={"1": 2}, user="u", temperature2=1
    )
    assert told.keys() == {"model", "messages", "stream", "options"}
    assert told["options"] == {**options, **penalties, "num_predict": 9, "stop": ["\n"]}


@pytest.mark.parametrize(
    ("members", "options"),
    [
        ({"max_tokens": 9, "max_completion_tokens": 8}, {"num_predict": 8}),
        ({"stop": ["a", "b"]}, {"stop": ["a", "b"]}),
        ({"temperature": None, "stop": None, "options": None}, None),
        (
            {"options": {"num_ctx": 8192, "temperature": 1}, "temperature": 0},
            {"num_ctx": 8192, "temperature": 1},
        ),
    ],
)
def test_ollamas_own_options_come_first(members: dict[str, object], options: object) -> None:
    assert sent(**members).get("options") == options


def test_members_of_ollamas_own_pass() -> None:
    assert sent("300000ms")["keep_alive"] == "300000ms"
    assert sent("300000ms", keep_alive=-1)["keep_alive"] == -1
    assert sent("1ms", keep_alive="1h", think="high", format="json", reasoning_effort="low") == {
        **sent(),
        "keep_alive": "1h",
        "think": "high",
        "format": "json",
    }
    assert sent(keep_alive=0)["keep_alive"] == 0


@pytest.mark.parametrize(
    ("members", "think"),
    [
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": "minimal"}, "low"),
        ({"reasoning_effort": "medium"}, "medium"),
        ({"reasoning": {"effort": "xhigh"}}, "max"),
        ({"reasoning_effort": None, "reasoning": 1}, None),
    ],
)
def test_effort_is_thought(members: dict[str, object], think: object) -> None:
    assert sent(**members).get("think") == think


@pytest.mark.parametrize(
    ("response_format", "expected"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, "json"),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
            {"type": "object"},
        ),
        ({"type": "json_schema"}, None),
        ("json", None),
    ],
)
def test_formats(response_format: object, expected: object) -> None:
    assert sent(response_format=response_format).get("format") == expected


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (None, ["look", "wait"]),
        ("auto", ["look", "wait"]),
        ("required", ["look", "wait"]),
        ({"type": "function", "function": {"name": "wait"}}, ["wait"]),
        ({"type": "odd"}, ["look", "wait"]),
        ("none", None),
    ],
)
def test_tools(choice: object, names: list[str] | None) -> None:
    told = sent(tools=TOOLS, tool_choice=choice)
    assert (None if names is None else [tool["function"]["name"] for tool in told["tools"]]) == names
    assert ("tools" in told) is (names is not None)
    assert "tools" not in sent(tools=[])


def test_a_conversation_with_tools() -> None:
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}},
        {"type": "function", "function": {"name": "wait", "arguments": ""}},
        {"id": "c3", "type": "function", "function": {"name": "wait", "arguments": {}}},
    ]
    messages = [
        {"role": "developer", "content": "be brief"},
        {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_content": "hm"},
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        },
        {"role": "tool", "tool_call_id": "unknown", "content": "c"},
        {"role": "function", "name": "wait", "content": "d"},
        {"role": "assistant", "content": "done", "reasoning": "ho", "tool_calls": []},
    ]
    assert sent(messages=messages)["messages"] == [
        {"role": "system", "content": "be brief"},
        {
            "role": "assistant",
            "content": "",
            "thinking": "hm",
            "tool_calls": [
                {"id": "c1", "function": {"name": "look", "arguments": {"at": 1}}},
                {"function": {"name": "wait", "arguments": {}}},
                {"id": "c3", "function": {"name": "wait", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": "a\nb", "tool_name": "look", "tool_call_id": "c1"},
        {"role": "tool", "content": "c", "tool_call_id": "unknown"},
        {"role": "tool", "content": "d", "tool_name": "wait"},
        {"role": "assistant", "content": "done", "thinking": "ho"},
    ]


def test_pictures() -> None:
    parts = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
        {"type": "image_url", "image_url": "data:;base64,AAAA"},
    ]
    message = sent(messages=[{"role": "user", "content": parts}])["messages"][0]
    assert message == {"role": "user", "content": "what is this?", "images": ["iVBO", "AAAA"]}


@pytest.mark.parametrize("url", ["https://a.example/cat.png", "data:image/png,abc", "", None, {"url": 1}])
def test_pictures_elsewhere_are_refused(url: object) -> None:
    part = {"type": "image_url", "image_url": url if isinstance(url, dict) else {"url": url}}
    message, param = refusal(messages=[*HI, {"role": "user", "content": [part]}])
    assert (message.endswith("and fetches none from an address."), param) == (True, "messages[1].content")


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"role": 1}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["hi"]}]}, "messages[0].content"),
        (
            {
                "messages": [
                    {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}
                ]
            },
            "messages[0].tool_calls",
        ),
        ({"messages": [{"role": "assistant", "tool_calls": ["f"]}]}, "messages[0].tool_calls"),
        ({"n": 2}, "n"),
        ({"options": "fast"}, "options"),
        ({"model": None}, "model"),
    ],
)
def test_what_cant_be_said(members: dict[str, object], param: str) -> None:
    assert refusal(**members)[1] == param


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "tool_calls",
                    "function",
                    "arguments",
                    "type",
                    "text",
                    "image_url",
                    "url",
                    "id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["messages", "tools", "tool_choice", "options", "stop", "response_format", "reasoning", "n"]
        ),
        json_values,
    )
)
def test_nothing_but_a_refusal_comes_of_odd_bodies(members: dict[str, object]) -> None:
    body = json.dumps({"model": "m", "messages": HI, **members}).encode()
    with suppress(InvalidRequest):
        json.loads(chat_request(body, None).body)


def embedded(by_default: str | None = None, /, **members: object) -> Any:
    return json.loads(embeddings_request(json.dumps({"model": "m", **members}).encode(), by_default).body)


@pytest.mark.parametrize("texts", ["a", ["a", "b"]])
def test_embeddings(texts: object) -> None:
    assert embedded(input=texts, encoding_format="base64", user="u") == {"model": "m", "input": texts}
    told = embedded("1ms", input=texts, dimensions=8, truncate=False, options={"num_ctx": 9})
    assert told == {
        "model": "m",
        "input": texts,
        "dimensions": 8,
        "keep_alive": "1ms",
        "truncate": False,
        "options": {"num_ctx": 9},
    }
    assert embedded("1ms", input=texts, keep_alive=0)["keep_alive"] == 0


@pytest.mark.parametrize("tokens", [[1, 2], [[1], [2]], [], None])
def test_token_numbers_are_refused(tokens: object) -> None:
    with pytest.raises(InvalidRequest):
        embedded(input=tokens)
