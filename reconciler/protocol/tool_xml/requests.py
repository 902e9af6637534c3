"""A chat request with tools as one without: what it says of them is told in its messages.

Tools are described at the end of the system's message. Calls in earlier answers are written as the model is told to
write its own; what they came to stands in messages of the user's, in elements that nothing in it can end.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.tool_xml.section import section
from reconciler.protocol.tool_xml.tools import Tool, cdata, is_tag, tool
from reconciler.protocol.tool_xml.wishes import MEMBERS, Wishes

JsonObject = dict[str, object]
_SYSTEM = ("system", "developer")
_RESULT = "tool_result"


def without_tools(request: Mapping[str, object], wishes: Wishes) -> JsonObject:
    """The request to send. Raises InvalidRequest."""
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        message = "Missing required parameter: 'messages'."
        raise InvalidRequest(invalid_body(message, "messages", "missing_required_parameter"))
    told = [*_History(wishes.tools).messages(messages)]
    if wishes.tools:
        told = _with_section(told, section(wishes))
    return {**{name: value for name, value in request.items() if name not in MEMBERS}, "messages": told}


def _with_section(messages: list[object], text: str) -> list[object]:
    first = messages[0]
    if not isinstance(first, dict) or first.get("role") not in _SYSTEM:
        return [{"role": "system", "content": text}, *messages]
    content = first.get("content")
    if isinstance(content, list):
        content = [*content, {"type": "text", "text": text}]
    else:
        content = f"{content}\n\n{text}" if content else text
    return [{**first, "content": content}, *messages[1:]]


class _Called(NamedTuple):
    """`number` counts the calls of one answer from 1; 0 where it has but one."""

    name: str
    number: int


class _History:
    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {each.name: each for each in tools}
        self._called: dict[object, _Called] = {}

    def messages(self, given: list[object]) -> Iterable[object]:
        results: list[Mapping[str, object]] = []
        for place, message in enumerate(given):
            role = message.get("role") if isinstance(message, dict) else None
            if isinstance(message, dict) and role in ("tool", "function"):
                results.append(message)
                continue
            if results:
                yield self._told(results)
                results = []
            calls = message.get("tool_calls") if isinstance(message, dict) else None
            yield (
                message
                if not isinstance(message, dict) or not calls
                else self._calling(message, calls, place)
            )
        if results:
            yield self._told(results)

    def _calling(self, message: JsonObject, calls: object, place: int) -> JsonObject:
        if not isinstance(calls, list):
            raise _wrong(f"messages[{place}].tool_calls")
        written = [
            self._call(call, number if len(calls) > 1 else 0, f"messages[{place}].tool_calls[{number - 1}]")
            for number, call in enumerate(calls, 1)
        ]
        rest = {name: value for name, value in message.items() if name != "tool_calls"}
        content, text = message.get("content"), "\n".join(written)
        if isinstance(content, list):
            return {**rest, "content": [*content, {"type": "text", "text": text}]}
        return {**rest, "content": f"{content}\n\n{text}" if content else text}

    def _call(self, call: object, number: int, at: str) -> str:
        function = call.get("function") if isinstance(call, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(call, dict) or not isinstance(function, dict) or not isinstance(name, str):
            raise _wrong(at)
        if not is_tag(name):
            raise _wrong(f"{at}.function.name")
        id_ = call.get("id")
        if isinstance(id_, str):
            self._called[id_] = _Called(name, number)
        given = function.get("arguments")
        arguments = _arguments(given)
        if isinstance(arguments, dict):
            return self._tools.get(name, tool(name, "", {})).written(arguments)
        return f"<{name}>{cdata(str(given))}</{name}>"

    def _told(self, results: list[Mapping[str, object]]) -> JsonObject:
        """Results that follow each other are one message: they answer the calls of one."""
        texts: list[str] = []
        others: list[object] = []
        for message in results:
            text, parts = _content(message.get("content"))
            texts.append(
                f"<{_RESULT}{self._about(message)}>{cdata(text) if '<' in text else text}</{_RESULT}>"
            )
            others += parts
        together = "\n".join(texts)
        content: object = [{"type": "text", "text": together}, *others] if others else together
        return {"role": "user", "content": content}

    def _about(self, message: Mapping[str, object]) -> str:
        id_, name = message.get("tool_call_id"), message.get("name")
        called = self._called.get(id_) if isinstance(id_, str) else None
        if called is None and isinstance(name, str) and is_tag(name):
            called = _Called(name, 0)
        if called is None:
            return ""
        return f' tool="{called.name}"' + (f' call="{called.number}"' if called.number else "")


def _arguments(given: object) -> object:
    """An object; None where they are no such thing."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given) if given.strip() else {}
    except (ValueError, RecursionError):
        return None


def _content(given: object) -> tuple[str, list[object]]:
    """Of a tool's result: its text, and what of it is none."""
    parts = given if isinstance(given, list) else []
    texts = [part["text"] for part in parts if _is_text(part)]
    text = given if isinstance(given, str) else "\n".join(texts)
    return text, [part for part in parts if not _is_text(part)]


def _is_text(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)


def _wrong(at: str) -> InvalidRequest:
    return InvalidRequest(invalid_body(f"Invalid '{at}': expected calls of functions with a name.", at))
