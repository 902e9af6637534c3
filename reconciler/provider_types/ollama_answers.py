"""Answers of Ollama's own interface as OpenAI writes them: a stream of JSON lines, one JSON object, embeddings. And what it
says of its models: their names at `/api/tags`, and what each can do at `/api/show`.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from reconciler.protocol.chat import Identity
from reconciler.protocol.chat_parts import ChatChunks, Finish, ToolCall, chat_completion
from reconciler.protocol.embeddings import EmbeddingsRequest, embeddings_answer
from reconciler.protocol.error_shapes import OPENAI, words
from reconciler.protocol.usage import MAX_TOKENS, Usage
from reconciler.provider_types.base import Head, Step
from reconciler.provider_types.discovery import (
    SCHEMA,
    Detail,
    Discovery,
    Listed,
    Offered,
    Unreadable,
    known,
    listed,
    ordered,
    parsed,
    plain_name,
    tokens,
    with_capabilities,
)
from reconciler.provider_types.endpoints import JSON
from reconciler.provider_types.translation import (
    EVENT_STREAM,
    AnswerReader,
    Collected,
    Lines,
    Malformed,
    answer_headers,
    json_answer,
    upstream_error,
)

_FAILED = 502
"""The status of an answer that begins as a good one and is an error."""


class _Part(NamedTuple):
    """What one line tells, or the whole of a plain answer."""

    text: str
    thought: str
    calls: list[ToolCall]
    done: bool
    cut: bool
    usage: Usage | None


class _Reader(AnswerReader):
    def __init__(self, identity: Identity) -> None:
        super().__init__(OPENAI)
        self.identity = identity
        self.calls = 0

    def failed(self, line: bytes) -> Iterator[Step]:
        """An error in place of an answer: it gets a status of its own, so that another provider may be asked."""
        said = words(line)
        yield Head(_FAILED, answer_headers(self.headers, JSON))
        if said:
            yield OPENAI.body(upstream_error(_FAILED, said))

    def part(self, told: dict[str, object]) -> _Part:
        """Raises Malformed."""
        message = told.get("message", {})
        if not isinstance(message, dict):
            raise Malformed("a message that is no object")
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list):
            raise Malformed("tool calls that are no list")
        reason = told.get("done_reason")
        return _Part(
            _text(message.get("content")),
            _text(message.get("thinking")),
            [self._call(call) for call in calls],
            told.get("done") is True,
            reason == "length",
            _usage(told.get("prompt_eval_count"), told.get("eval_count")),
        )

    def reason(self, part: _Part) -> Finish:
        return "tool_calls" if self.calls else "length" if part.cut else "stop"

    def _call(self, given: object) -> ToolCall:
        function = given.get("function") if isinstance(given, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(given, dict) or not isinstance(function, dict) or not isinstance(name, str):
            raise Malformed("a tool call without a function's name")
        id_, arguments = given.get("id"), function.get("arguments")
        made = f"call_{self.identity.id.rpartition('-')[2]}{self.calls:02d}"
        self.calls += 1
        return ToolCall(id_ if isinstance(id_, str) and id_ else made, name, _arguments(arguments))


class ChatLines(_Reader):
    """A stream. Its head waits for the first line: until that is there, it may be an error."""

    def __init__(self, identity: Identity, *, include_usage: bool) -> None:
        super().__init__(identity)
        self._lines = Lines()
        self._chunks = ChatChunks(identity, include_usage=include_usage)
        self._begun = False
        self._over = False

    def read(self, chunk: bytes) -> Iterator[Step]:
        for line in self._lines.feed(chunk):
            yield from self._line(line)

    def read_end(self) -> Iterator[Step]:
        for line in self._lines.finish():
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Step]:
        if self._over:
            return
        told = json_answer(line)
        if told.get("error"):
            self._over = True
            yield from self._broken_off(line) if self._begun else self.failed(line)
            return
        part = self.part(told)
        if not self._begun:
            self._begun = True
            yield Head(200, answer_headers(self.headers, EVENT_STREAM))
            yield self._chunks.opening()
        yield self._chunks.thought(part.thought) + self._chunks.text(part.text)
        first = self.calls - len(part.calls)
        for index, call in enumerate(part.calls, first):
            yield self._chunks.call(index, call)
        if part.done:
            self._over = True
            yield self._chunks.closing(self.reason(part), part.usage)

    def _broken_off(self, line: bytes) -> Iterable[Step]:
        said = words(line) or "The provider's stream ended with an error."
        return (OPENAI.event(upstream_error(_FAILED, said)),)


class ChatAnswer(_Reader):
    """All at once."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity)
        self._body = Collected()

    def read(self, chunk: bytes) -> Iterable[Step]:
        self._body.feed(chunk)
        return ()

    def read_end(self) -> Iterator[Step]:
        body = self._body.take()
        told = json_answer(body)
        if told.get("error"):
            yield from self.failed(body)
            return
        part = self.part(told)
        if not part.done:
            raise Malformed("the answer is not done")
        yield Head(200, answer_headers(self.headers, JSON))
        message = (part.text, part.thought, part.calls)
        yield chat_completion(self.identity, message, self.reason(part), part.usage)


class EmbeddingsAnswer(AnswerReader):
    """Of `/api/embed`: one vector for each input, in their order."""

    def __init__(self, asked: EmbeddingsRequest) -> None:
        super().__init__(OPENAI)
        self._asked = asked
        self._body = Collected()

    def read(self, chunk: bytes) -> Iterable[Step]:
        self._body.feed(chunk)
        return ()

    def read_end(self) -> Iterator[Step]:
        told = json_answer(self._body.take())
        vectors, model = told.get("embeddings"), told.get("model")
        if not isinstance(vectors, list) or len(vectors) != len(self._asked.inputs):
            raise Malformed("there is not one embedding for each input")
        usage = _usage(told.get("prompt_eval_count"), 0)
        tokens = 0 if usage is None else usage.prompt_tokens
        try:
            body = embeddings_answer(
                model if isinstance(model, str) else self._asked.model,
                [_vector(vector) for vector in vectors],
                as_base64=self._asked.base64,
                tokens=tokens,
            )
        except OverflowError:
            raise Malformed("a number of an embedding is too large") from None
        yield Head(200, answer_headers(self.headers, JSON))
        yield body


def _text(given: object) -> str:
    if given is not None and not isinstance(given, str):
        raise Malformed("a text that is none")
    return given or ""


def _arguments(given: object) -> str:
    """Ollama writes the object itself, OpenAI a text that is JSON."""
    if isinstance(given, str):
        return given
    if given is not None and not isinstance(given, dict):
        raise Malformed("arguments of a tool call that are no object")
    try:
        return json.dumps(given or {}, allow_nan=False)
    except (ValueError, RecursionError):
        raise Malformed("arguments of a tool call that can't be written") from None


def _usage(prompt: object, completion: object) -> Usage | None:
    """The prompt is not counted where all of it was known from before."""
    asked, said = _count(prompt), _count(completion)
    if asked is None and said is None:
        return None
    return Usage(asked or 0, said or 0, (asked or 0) + (said or 0))


def _count(given: object) -> int | None:
    return given if type(given) is int and 0 <= given <= MAX_TOKENS else None


def _vector(given: object) -> list[float]:
    if not isinstance(given, list) or not all(type(number) in (int, float) for number in given):
        raise Malformed("an embedding that is no list of numbers")
    numbers = [float(number) for number in given]
    if not all(map(math.isfinite, numbers)):
        raise Malformed("a number of an embedding is none")
    return numbers


# --- what it says of its models -----------------------------------------------------------------------------


def tags(body: bytes) -> Listed:
    told = parsed(body)
    rows = told.get("models") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise Unreadable("the answer holds no list of models")
    return listed(rows, _offered)


def _offered(row: Mapping[str, object]) -> Offered | None:
    name = plain_name(row.get("name")) or plain_name(row.get("model"))
    return Offered(name) if name is not None else None


def shown(model: Offered, body: bytes) -> Offered:
    """Whatever can chat can answer by a schema, too: it is the server that holds it to one."""
    told = parsed(body)
    if not isinstance(told, dict):
        raise Unreadable("the answer is no object")
    info = told.get("model_info")
    facts = info if isinstance(info, dict) else {}
    architecture = facts.get("general.architecture")
    window = tokens(facts.get(f"{architecture}.context_length")) if isinstance(architecture, str) else None
    found = replace(model, capabilities=ordered(known(told.get("capabilities"))), context_window=window)
    return with_capabilities(found, SCHEMA)


DISCOVERY = Discovery(tags, detail=Detail("/api/tags", "/api/show", shown))
