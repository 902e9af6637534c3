import json
from collections.abc import Iterable

import pytest

from reconciler.provider_types.base import Adapter, Endpoint, Head, Headers, Step, UpstreamRequest
from reconciler.provider_types.ollama import OllamaConfig
from reconciler.provider_types.ollama import build as build_ollama
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig, build
from reconciler.provider_types.tool_text import ToolCalling, ToolTextAdapter, with_tool_calling
from reconciler.provider_types.translation import Malformed, Unasked

BOTH: tuple[ToolCalling, ...] = ("xml", "off")
TOOLS = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
USER = {"role": "user", "content": "What time is it?"}
EVENTS = (("content-type", "text/event-stream"), ("x-request-id", "7"))
JSON = (("content-type", "application/json"),)


def adapter(calling: ToolCalling = "xml") -> Adapter:
    return build(OpenAICompatibleConfig(baseURL="http://a/v1", toolCalling=calling), {})


def chat(**members: object) -> bytes:
    return json.dumps({"model": "m", "messages": [USER], **members}).encode()


def asked(body: bytes, endpoint: Endpoint = Endpoint.CHAT, calling: ToolCalling = "xml") -> UpstreamRequest:
    return adapter(calling).encode(endpoint, body)


def refusal(request: UpstreamRequest) -> tuple[int, str]:
    """Status, and code or type."""
    assert isinstance(request.translator, Unasked)
    (head,) = request.translator.head(200, ())
    (body,) = request.translator.finish()
    assert isinstance(head, Head)
    assert isinstance(body, bytes)
    error = json.loads(body)["error"]
    return head.status, error.get("code") or error["type"]


def heard(
    request: UpstreamRequest, headers: Headers, body: bytes, size: int = 0, status: int = 200
) -> list[Step]:
    translator = request.translator
    assert translator is not None
    size = size or len(body) or 1
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    steps: list[Iterable[Step]] = [list(translator.head(status, headers))]
    steps += [list(translator.feed(piece)) for piece in pieces]
    steps.append(list(translator.finish()))
    return [step for each in steps for step in each]


def event(content: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return b"data: %b\n\n" % json.dumps({"choices": [choice]}).encode()


def test_what_has_nothing_to_do_with_tools_is_left_alone() -> None:
    for calling in BOTH:
        request = asked(chat(), calling=calling)
        assert (request.body, request.translator) == (chat(), None)
        assert asked(b"{}", Endpoint.EMBEDDINGS, calling).translator is None
        assert asked(b"{}", Endpoint.RESPONSES, calling).body == b"{}"
    assert asked(chat(tools=TOOLS), calling="native").body == chat(tools=TOOLS)
    assert adapter().probe(None).url == "http://a/v1/models"
    assert repr(adapter()) == "<ToolTextAdapter xml <OpenAICompatibleAdapter http://a/v1>>"


def test_a_request_with_tools_goes_without_them() -> None:
    request = asked(chat(tools=TOOLS, temperature=0.5, parallel_tool_calls=True))
    sent = json.loads(request.body)
    assert sent.keys() == {"model", "messages", "temperature"}
    assert "## now" in sent["messages"][0]["content"]
    assert request.translator is not None
    escaped = chat(tools=TOOLS).replace(b'"tools"', b'"\\u0074ools"')
    assert "tools" not in json.loads(asked(escaped).body)


def test_where_no_call_is_wished_for_none_is_looked_for() -> None:
    history = [USER, {"role": "tool", "tool_call_id": "1", "content": "noon"}]
    for calling in BOTH:
        request = asked(chat(tools=TOOLS, tool_choice="none", messages=history), calling=calling)
        assert request.translator is None
        assert json.loads(request.body) == {
            "model": "m",
            "messages": [USER, {"role": "user", "content": "<tool_result>noon</tool_result>"}],
        }


@pytest.mark.parametrize(
    ("calling", "endpoint", "body", "told"),
    [
        ("off", Endpoint.CHAT, chat(tools=TOOLS), (400, "tools_not_supported")),
        ("off", Endpoint.CHAT, chat(functions=[{}]), (400, "tools_not_supported")),
        ("xml", Endpoint.RESPONSES, b'{"tools": [{}]}', (400, "tools_not_supported")),
        ("off", Endpoint.MESSAGES, b'{"tools": [{}]}', (400, "invalid_request_error")),
        ("xml", Endpoint.CHAT, chat(tools=[{}]), (400, "invalid_value")),
        ("xml", Endpoint.CHAT, b'{"tools": ', (400, "invalid_json")),
        ("xml", Endpoint.CHAT, b'{"tools": []}', (400, "missing_required_parameter")),
    ],
)
def test_what_can_not_be_asked(
    calling: ToolCalling, endpoint: Endpoint, body: bytes, told: tuple[int, str]
) -> None:
    assert refusal(asked(body, endpoint, calling)) == told


def test_anthropics_no_choice_is_none_either() -> None:
    body = b'{"tools": [{}], "tool_choice": {"type": "none"}}'
    assert asked(body, Endpoint.MESSAGES, "off").body == body


def test_a_plain_answer() -> None:
    body = json.dumps(
        {"choices": [{"index": 0, "message": {"content": "<now/>"}, "finish_reason": "stop"}]}
    ).encode()
    head, told = heard(asked(chat(tools=TOOLS)), JSON, body, 7)
    assert head == Head(200, JSON)
    assert isinstance(told, bytes)
    choice = json.loads(told)["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)
    (call,) = choice["message"]["tool_calls"]
    assert call["function"] == {"name": "now", "arguments": "{}"}
    text = json.dumps({"choices": [{"message": {"content": "noon"}}]}).encode()
    assert heard(asked(chat(tools=TOOLS)), JSON, text)[1:] == [text]


def test_a_stream_in_any_pieces() -> None:
    body = (
        b": hi\n\n"
        + event("It is ")
        + event("<no")
        + event("w/>", "stop")
        + b"data: [DONE]\n\ndata: more\n\n"
    )
    request = asked(chat(tools=TOOLS, stream=True))
    results = []
    for size in (1, 5, len(body)):
        request = asked(chat(tools=TOOLS, stream=True))
        head, *told = heard(request, EVENTS, body, size)
        assert head == Head(200, EVENTS)
        results.append(b"".join(each for each in told if isinstance(each, bytes)))
    first = results[0]
    assert first.endswith(b"data: [DONE]\n\n")
    assert first.count(b'"name": "now"') == 1
    assert b'"finish_reason": "tool_calls"' in first
    ids = [json.loads(line[6:])["choices"][0]["delta"]["tool_calls"][0]["id"].encode()
           for each in results for line in each.splitlines() if b'"name": "now"' in line]  # fmt: skip
    alike = {each.replace(id_, b"ID") for each, id_ in zip(results, ids, strict=True)}
    assert len(alike) == 1
    assert len(set(ids)) == len(ids)


def test_a_stream_without_its_end_is_given_none() -> None:
    told = heard(asked(chat(tools=TOOLS, stream=True)), EVENTS, event("<now/>") + event("a <no")[:-2])
    together = b"".join(each for each in told if isinstance(each, bytes))
    assert b'"content": "a "' in together
    assert b'"content": "<no"' in together
    assert b"[DONE]" not in together
    assert b'"finish_reason": "' not in together


def test_errors_and_what_is_no_answer() -> None:
    said = b'{"error": {"message": "no", "code": "context_length_exceeded"}}'
    assert heard(asked(chat(tools=TOOLS)), JSON, said, status=400) == [Head(400, JSON), said]
    assert heard(asked(chat(tools=TOOLS, stream=True)), JSON, said)[1] == said
    many = json.dumps(
        {"choices": [{"index": n, "delta": {"content": ""}, "message": {"content": ""}} for n in range(17)]}
    )
    for headers, body in [
        (JSON, b"<html>"),
        (JSON, many.encode()),
        (EVENTS, b"data: {\n\n"),
        (EVENTS, b"data: " + many.encode() + b"\n\n"),
        (EVENTS, b"data: " + b"x" * (5 * 1024 * 1024)),
    ]:
        with pytest.raises(Malformed):
            heard(asked(chat(tools=TOOLS, stream=True)), headers, body)


def test_an_upstream_of_another_wire_is_translated_first() -> None:
    ollama = build_ollama(OllamaConfig(toolCalling="xml"), {})
    request = ollama.encode(Endpoint.CHAT, chat(tools=TOOLS, stream=True))
    assert "tools" not in json.loads(request.body)
    lines = [
        {"message": {"content": "<no"}},
        {"message": {"content": "w/>"}, "done": True, "done_reason": "stop"},
    ]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    head, *told = heard(request, (("content-type", "application/x-ndjson"),), body, 9)
    assert isinstance(head, Head)
    together = b"".join(each for each in told if isinstance(each, bytes))
    assert b'"name": "now"' in together
    assert b'"finish_reason": "tool_calls"' in together
    plain = ollama.encode(Endpoint.CHAT, chat(tools=TOOLS))
    _, answer = heard(plain, JSON, json.dumps({"message": {"content": "<now/>"}, "done": True}).encode())
    assert isinstance(answer, bytes)
    assert json.loads(answer)["choices"][0]["finish_reason"] == "tool_calls"
    assert refusal(ollama.encode(Endpoint.CHAT, chat(tools=TOOLS, n=2)))[0] == 400


class _Twice:
    """An adapter whose upstream is asked twice."""

    def __init__(self, then: UpstreamRequest) -> None:
        self._then = then

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        return UpstreamRequest("POST", "http://a", (), body, self)

    def probe(self, path: str | None) -> UpstreamRequest:
        return self._then

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        return (self._then,)

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return ()

    def finish(self) -> Iterable[Step]:
        return ()


def test_the_answer_to_a_second_request_is_read_as_well() -> None:
    second = UpstreamRequest("POST", "http://b", (), b"")
    request = ToolTextAdapter(_Twice(second), "xml").encode(Endpoint.CHAT, chat(tools=TOOLS))
    (step,) = list(request.translator.head(200, ())) if request.translator else []
    assert isinstance(step, UpstreamRequest)
    assert step.url == "http://b"
    assert b"tool_calls" in bytes(heard(step, JSON, b'{"choices": [{"message": {"content": "<now/>"}}]}')[1])  # type: ignore[arg-type]  # bytes


def test_native_is_the_adapter_itself() -> None:
    inner = adapter("native")
    assert with_tool_calling(inner, "native") is inner


def test_what_is_nested_too_deeply_to_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("reconciler.provider_types.tool_text.without_tools", too_deep)
    assert refusal(asked(chat(tools=TOOLS)))[0] == 400
