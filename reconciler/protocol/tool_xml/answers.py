"""Answers of OpenAI's chat whose text holds calls, with the calls in their own place; plain and in chunks.

What an answer says beside that stays. Calls that it has in their own place already are none that were asked for, since the
upstream was told of no tools there: they are left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping

from reconciler.protocol.sse import data_event
from reconciler.protocol.tool_xml.reading import CallReader, Piece
from reconciler.protocol.tool_xml.tools import Call

MAX_CHOICES = 16
"""Each holds back what may be a call."""

KEEP_ALIVE = b": \n\n"
"""In place of a chunk of which nothing can be told yet: so that neither the client nor the gateway takes it for silence."""

JsonObject = dict[str, object]
_OTHERS_CALLS = frozenset({"tool_calls", "function_call"})
_KEPT_REASONS = frozenset({"length", "content_filter"})


class TooManyChoices(ValueError):
    """An answer has more of them than anybody asks for."""


class Calls:
    """Of one answer. `make` makes a reader for each of its choices; `id_prefix` begins the ids of its calls."""

    def __init__(self, make: Callable[[], CallReader], id_prefix: str) -> None:
        self._make = make
        self._id_prefix = id_prefix
        self._readers: dict[int, CallReader] = {}

    def reader(self, index: int) -> CallReader:
        """Raises TooManyChoices."""
        if index not in self._readers:
            if len(self._readers) == MAX_CHOICES:
                raise TooManyChoices
            self._readers[index] = self._make()
        return self._readers[index]

    def call(self, index: int, number: int, call: Call) -> JsonObject:
        function = {"name": call.name, "arguments": call.arguments}
        return {"id": f"{self._id_prefix}{index:02d}{number:02d}", "type": "function", "function": function}

    def unfinished(self) -> Iterator[int]:
        yield from self._readers

    def drop(self, index: int) -> None:
        self._readers.pop(index, None)


def with_calls(answer: JsonObject, calls: Calls) -> JsonObject | None:
    """A plain answer; None where it stays as it is. Raises TooManyChoices."""
    choices = answer.get("choices")
    if not isinstance(choices, list):
        return None
    changed = [_choice(choice, place, calls) for place, choice in enumerate(choices)]
    if all(new is old for new, old in zip(changed, choices, strict=True)):
        return None
    return {**answer, "choices": changed}


def _choice(choice: object, place: int, calls: Calls) -> object:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return choice
    text, reader = message.get("content"), calls.reader(place)
    pieces = [*reader.feed(text), *reader.finish()] if isinstance(text, str) else []
    found = [each for each in pieces if isinstance(each, Call)]
    if not found and _OTHERS_CALLS.isdisjoint(message):
        return choice
    told = {name: value for name, value in message.items() if name not in _OTHERS_CALLS}
    if found:
        told["content"] = "".join(each for each in pieces if isinstance(each, str)) or None
        told["tool_calls"] = [calls.call(place, number, each) for number, each in enumerate(found)]
    return {**choice, "message": told, "finish_reason": _reason(choice.get("finish_reason"), len(found))}


def _reason(given: object, calls: int) -> object:
    """One that was cut stays so, with the calls that it has."""
    if given in _KEPT_REASONS or given is None:
        return given
    return "tool_calls" if calls else "stop" if given in _OTHERS_CALLS else given


class ChunkWriter:
    """Chunk by chunk. Each gives the events that take its place."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._shared: JsonObject = {}

    def chunk(self, chunk: JsonObject, given: bytes) -> bytes:
        """`given` is what it was read from: it goes on as it is where nothing of it changes. Raises TooManyChoices."""
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            return data_event(given)
        self._shared = {name: value for name, value in chunk.items() if name not in ("choices", "usage")}
        if "usage" in chunk:
            self._shared["usage"] = None
        deltas = [each for place, choice in enumerate(choices) for each in self._deltas(choice, place)]
        if deltas == choices:
            return data_event(given)
        events = [{**self._shared, "choices": [each]} for each in deltas]
        usage = chunk.get("usage")
        if usage is not None:
            events = events or [{**self._shared, "choices": []}]
            events[-1] = {**events[-1], "usage": usage}
        return b"".join(data_event(json.dumps(each).encode()) for each in events) or KEEP_ALIVE

    def rest(self, *, ended: bool) -> bytes:
        """What choices without an end of their own still hold. Not `ended`: the stream does not say that it does, either."""
        events = []
        for index in [*self._calls.unfinished()]:
            reader = self._calls.reader(index)
            events += [*self._told(index, reader.calls, reader.finish())]
            if reader.calls and ended:
                events.append(_delta(index, {}, "tool_calls"))
            self._calls.drop(index)
        return b"".join(
            data_event(json.dumps({**self._shared, "choices": [each]}).encode()) for each in events
        )

    def _deltas(self, choice: object, place: int) -> Iterator[object]:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(delta, dict):
            yield choice
            return
        given = choice.get("index")
        index = given if type(given) is int else place
        reader, text, ends = self._calls.reader(index), delta.get("content"), choice.get("finish_reason")
        before = reader.calls
        pieces = reader.feed(text) if isinstance(text, str) else []
        pieces = [*pieces, *reader.finish()] if ends is not None else pieces
        if ends is not None:
            self._calls.drop(index)
        said = "".join(each for each in pieces if isinstance(each, str))
        own = _OTHERS_CALLS.isdisjoint(delta) and ends not in _OTHERS_CALLS
        if own and not reader.calls and said == (text or ""):
            yield choice
            return
        lead = {name: value for name, value in delta.items() if name not in _OTHERS_CALLS | {"content"}}
        if "role" in lead:
            lead["content"] = ""
        if lead:
            yield {**choice, "delta": lead, "finish_reason": None}
        yield from self._told(index, before, pieces)
        if ends is not None:
            yield _delta(index, {}, _reason(ends, reader.calls))

    def _told(self, index: int, number: int, pieces: list[Piece]) -> Iterator[JsonObject]:
        """`number` calls were told before. Of each first its name, then its arguments: so clients expect it."""
        for piece in pieces:
            if isinstance(piece, str):
                yield _delta(index, {"content": piece})
                continue
            begun = self._calls.call(index, number, piece._replace(arguments=""))
            yield _delta(index, {"tool_calls": [{"index": number, **begun}]})
            arguments = {"index": number, "function": {"arguments": piece.arguments}}
            yield _delta(index, {"tool_calls": [arguments]})
            number += 1


def _delta(index: int, delta: Mapping[str, object], reason: object = None) -> JsonObject:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
