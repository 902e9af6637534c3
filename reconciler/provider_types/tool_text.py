"""For models that know of no tools: `toolCalling` of the provider types that speak OpenAI's chat.

`xml` tells the model of a request's tools in words, and finds its calls in what it writes (protocol/tool_xml). `off`
refuses requests with tools, so that another candidate is asked. Both write the calls and results of earlier turns as text,
which another provider may have answered. What has nothing to do with tools is neither read nor changed.
"""

import json
import secrets as randomness
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from reconciler.protocol.chat import json_object
from reconciler.protocol.errors import InvalidRequest, invalid_body, tools_not_supported
from reconciler.protocol.sse import DONE, Decoder, EventTooLarge
from reconciler.protocol.tool_xml.answers import Calls, ChunkWriter, TooManyChoices, with_calls
from reconciler.protocol.tool_xml.reading import CallReader
from reconciler.protocol.tool_xml.requests import without_tools
from reconciler.protocol.tool_xml.wishes import Wishes, wishes
from reconciler.provider_types.base import Adapter, Endpoint, Head, Headers, Step, Translator, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS, JSON
from reconciler.provider_types.translation import (
    EVENT_STREAM,
    Collected,
    Malformed,
    Translating,
    Unasked,
    answer_headers,
    json_answer,
)

ToolCalling: TypeAlias = Literal["native", "xml", "off"]

_TELLING = (b'"tool', b'"function', b"\\u00")
"""One of these stands in each body that has to do with tools: a name may be written with escapes."""
_OTHERS = (Endpoint.RESPONSES, Endpoint.MESSAGES, Endpoint.COUNT_TOKENS)
"""Where requests have tools as well, whose answers can't hold a call that was written as text."""


def with_tool_calling(adapter: Adapter, calling: ToolCalling | None) -> Adapter:
    return adapter if calling in (None, "native") else ToolTextAdapter(adapter, calling)


@dataclass(frozen=True, slots=True)
class ToolTextAdapter(Translating):
    """`inner` is that of the provider type; it gets requests without tools."""

    inner: Adapter
    calling: ToolCalling

    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:
        if endpoint in _OTHERS:
            self._refuse_tools(json_object(body), endpoint)
        elif endpoint is Endpoint.CHAT and any(word in body for word in _TELLING):
            return self._chat(body, passed)
        return self.inner.encode(endpoint, body, passed)

    def probe(self, path: str | None) -> UpstreamRequest:
        return self.inner.probe(path)

    def _chat(self, body: bytes, passed: Headers) -> UpstreamRequest:
        given = json_object(body)
        if self.calling == "off":
            self._refuse_tools(given, Endpoint.CHAT)
        try:
            wished = wishes(given) if self.calling == "xml" else Wishes(())
            sent = json.dumps(without_tools(given, wished)).encode()
        except RecursionError:
            raise InvalidRequest(
                invalid_body("The request's tools are nested too deeply.", "tools")
            ) from None
        request = self.inner.encode(Endpoint.CHAT, sent, passed)
        if not wished.tools or isinstance(request.translator, Unasked):
            return request
        reader = ToolAnswer(wished, stream=given.get("stream") is True)
        return request._replace(translator=_after(request.translator, reader))

    def _refuse_tools(self, given: Mapping[str, object], endpoint: Endpoint) -> None:
        """Raises InvalidRequest where the request has any that the model is to call."""
        choice = given.get("tool_choice")
        if not (given.get("tools") or given.get("functions")) or choice in ("none", {"type": "none"}):
            return
        elsewhere = None if self.calling == "off" else ENDPOINTS[Endpoint.CHAT].path
        raise InvalidRequest(tools_not_supported(ENDPOINTS[endpoint].path, elsewhere))

    def __repr__(self) -> str:
        return f"<ToolTextAdapter {self.calling} {self.inner!r}>"


class ToolAnswer:
    """An answer of OpenAI's chat, in which the calls are found. Errors pass as they are."""

    def __init__(self, wished: Wishes, *, stream: bool) -> None:
        make = partial(CallReader, wished.tools, only_one=wished.one)
        self._calls = Calls(make, f"call_{randomness.token_hex(10)}")
        self._stream = stream
        self._reader: _Events | _Plain | _Passed = _Passed()

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        if not 200 <= status <= 299:
            return (Head(status, headers),)
        media = next((value for name, value in headers if name == "content-type"), "")
        media = media.partition(";")[0].strip().lower()
        if media != JSON and (self._stream or media == EVENT_STREAM):
            self._reader = _Events(ChunkWriter(self._calls), answer_headers(headers, EVENT_STREAM))
        else:
            self._reader = _Plain(self._calls, answer_headers(headers, media or JSON))
        return ()

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return self._reader.feed(chunk)

    def finish(self) -> Iterable[Step]:
        return self._reader.finish()


class _Passed:
    def feed(self, chunk: bytes) -> Iterable[Step]:
        return (chunk,)

    def finish(self) -> Iterable[Step]:
        return ()


class _Plain:
    """All at once."""

    def __init__(self, calls: Calls, headers: Headers) -> None:
        self._calls = calls
        self._headers = headers
        self._body = Collected()

    def feed(self, chunk: bytes) -> Iterable[Step]:
        self._body.feed(chunk)
        return ()

    def finish(self) -> Iterable[Step]:
        body = self._body.take()
        try:
            changed = with_calls(json_answer(body), self._calls)
        except TooManyChoices:
            raise Malformed("the answer has too many choices") from None
        return Head(200, self._headers), body if changed is None else json.dumps(changed).encode()


class _Events:
    """A stream's. The head waits for the first: until then another provider can be asked."""

    def __init__(self, writer: ChunkWriter, headers: Headers) -> None:
        self._writer = writer
        self._head: Head | None = Head(200, headers)
        self._decoder = Decoder()
        self._over = False

    def feed(self, chunk: bytes) -> Iterable[Step]:
        try:
            events = self._decoder.feed(chunk)
        except EventTooLarge as error:
            raise Malformed(str(error)) from None
        for event in events:
            yield from self._told(event.data)

    def finish(self) -> Iterable[Step]:
        for event in self._decoder.finish():
            yield from self._told(event.data)
        if not self._over:
            yield from self._begun()
            yield self._writer.rest(ended=False)

    def _told(self, data: bytes) -> Iterable[Step]:
        if self._over:
            return
        if data.strip() == b"[DONE]":
            self._over = True
            yield from self._begun()
            yield self._writer.rest(ended=True) + DONE
            return
        chunk = json_answer(data)
        try:
            told = self._writer.chunk(chunk, data)
        except TooManyChoices:
            raise Malformed("the stream has too many choices") from None
        yield from self._begun()
        yield told

    def _begun(self) -> Iterable[Step]:
        head, self._head = self._head, None
        if head is not None:
            yield head


def _after(first: Translator | None, second: Translator) -> Translator:
    return second if first is None else _Chain(first, second)


class _Chain:
    """What the first gives is what the second reads."""

    def __init__(self, first: Translator, second: Translator) -> None:
        self._first, self._second = first, second

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        return self._passed(self._first.head(status, headers))

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return self._passed(self._first.feed(chunk))

    def finish(self) -> Iterable[Step]:
        yield from self._passed(self._first.finish())
        yield from self._second.finish()

    def _passed(self, steps: Iterable[Step]) -> Iterable[Step]:
        for step in steps:
            if isinstance(step, UpstreamRequest):
                yield step._replace(translator=_after(step.translator, self._second))
            elif isinstance(step, Head):
                yield from self._second.head(*step)
            else:
                yield from self._second.feed(step)
