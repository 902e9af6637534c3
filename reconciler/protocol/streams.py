"""What the events of a stream mean, and what of them a client gets: one class a kind of stream.

Each is given whole events, as `sse.WholeEvents` cuts them off, and gives back what is to be passed on: the same bytes,
but for the usage that the gateway asked for by itself, and for what comes behind the stream's end. Few events are
parsed: those in which a pattern finds something that tells.
"""

import json
import re
from collections.abc import Callable
from typing import ClassVar, Protocol

from reconciler.protocol.error_shapes import ANTHROPIC, OPENAI, RESPONSES, ErrorShape
from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.estimate import delta_bytes, text_bytes
from reconciler.protocol.finish_reasons import of_ended_response, word
from reconciler.protocol.recurring import Recurring
from reconciler.protocol.sse import DONE, DONE_MARK, MAX_EVENT, Decoder, ServerSentEvent, blocks
from reconciler.protocol.usage import Usage, usage_of


class EventStream(Protocol):
    """One stream going by.

    `usage` is the last one given, `prompt_tokens` what an unfinished stream said of its prompt, `text_bytes` as in
    `estimate`, `finish_reason` as in `finish_reasons`. `done`: nothing that comes from here on belongs to the stream. `failed`: it holds an error of the
    upstream's own. `lacking` says for people what a stream without its end lacks; `limit` is the bytes of one event.
    `assumed`: what answers a request for such a stream is taken for one, whatever it calls itself, unless that is JSON.
    `middle` does as `pass_on`, with what it sees at a glance to be whole events with nothing but text; what it gives nothing
    for it did nothing with.
    """

    assumed: ClassVar[bool]
    limit: ClassVar[int]
    lacking: ClassVar[str]
    usage: Usage | None
    prompt_tokens: int | None
    finish_reason: str | None
    done: bool
    failed: bool
    middle: Callable[[bytes], bytes] | None

    def __init__(self, *, hides_usage: bool = False) -> None: ...

    @property
    def text_bytes(self) -> int: ...

    @property
    def complete(self) -> bool:
        """Where the upstream ends now, that was the stream's end."""
        ...

    def pass_on(self, whole: bytes) -> bytes:
        """What is sent of these whole events."""
        ...

    def finish(self, rest: bytes) -> bytes:
        """The upstream ended, `rest` being no whole event. What is still to be sent, where the stream is complete."""
        ...

    def error_event(self, error: OpenAIError) -> bytes: ...


_NAMED_ERROR = b"event: error"

_FIRST = 3
"""Pieces that a chunk of many events is cut into for a look at each."""

_CHAT_TELLS = re.compile(rb'"(?:finish_reason|usage|error)"\s*:\s*[^n\s]')
"""A member that is not null. Inside a JSON string the quotes would be escaped, so few events are parsed in vain. It
begins with a quote alone, which regular expressions search for fast."""

_NO_USAGE = (b',"usage":null', b', "usage": null')
"""What stands in every event where usage was asked for. A comma before a quote ends no string, so it is a member."""


class ChatStream:
    """Of chat and text completions: chunks with `choices`, and [DONE]. `hides_usage`: the client did not ask for it."""

    assumed: ClassVar[bool] = True
    limit: ClassVar[int] = MAX_EVENT
    lacking: ClassVar[str] = "a finish_reason and without [DONE]"

    def __init__(self, *, hides_usage: bool = False) -> None:
        self.usage: Usage | None = None
        self.prompt_tokens: int | None = None
        self.finish_reason: str | None = None
        self.done = False
        self.failed = False
        self.middle: Callable[[bytes], bytes] | None = None
        self._finished = False
        self._hides = hides_usage
        self._read_bytes = 0
        self._recurring = Recurring()

    @property
    def text_bytes(self) -> int:
        return self._read_bytes + self._recurring.text_bytes

    @property
    def complete(self) -> bool:
        """[DONE] was seen, or a finish_reason, and no error."""
        return (self.done or self._finished) and not self.failed

    def pass_on(self, whole: bytes) -> bytes:
        """Of many events the first are read one by one, until most of the rest are seen to be like one of them."""
        sent, recurring = b"", self._recurring
        for _ in range(_FIRST):
            end = recurring.end_in(whole)
            alike = recurring.middle(whole[:end]) if end else b""
            if not alike:
                end = whole.find(b"\n\n") + 2
                if end < 2 or end == len(whole):
                    break
                alike = self._examined(whole[:end])
            sent += alike
            whole = whole[end:]
            if self.done or not whole:
                return sent
        return sent + self._examined(whole)

    def _examined(self, whole: bytes) -> bytes:
        self._read_bytes += text_bytes(whole)
        tells = _CHAT_TELLS.search(whole)
        done = whole.find(DONE_MARK)
        if done < 0 and tells is None:
            recurring = self._recurring
            recurring.learn(whole, _NO_USAGE if self._hides else ())
            self.middle = recurring.middle if recurring.known else None
            return self._visible(whole) if self._hides else whole
        first = done if tells is None else tells.start() if done < 0 else min(done, tells.start())
        before, rest = _parted(whole, first)
        passed = [before]
        for block in blocks(rest):
            if self._read(_event(block)):
                passed.append(block)
            if self.done:
                break
        return self._visible(b"".join(passed))

    def finish(self, rest: bytes) -> bytes:
        """With the [DONE] that some upstreams leave out, and without an event that was cut."""
        if self.done:
            return b""
        passed = self.pass_on(_completed(rest))
        return passed + DONE if self.complete and not self.done else passed

    def error_event(self, error: OpenAIError) -> bytes:
        return OPENAI.event(error)

    def _visible(self, passed: bytes) -> bytes:
        if self._hides and passed.find(b'"usage"') >= 0:
            for spelling in _NO_USAGE:
                passed = passed.replace(spelling, b"")
        return passed

    def _read(self, event: ServerSentEvent | None) -> bool:
        """Whether the event is passed on."""
        if event is None:
            return True
        if event.data.strip() == DONE_MARK:
            self.done = True
            return True
        if _CHAT_TELLS.search(event.data) is None:
            return True
        chunk = _object(event.data)
        self.failed = self.failed or bool(chunk.get("error"))
        usage = usage_of(chunk)
        self.usage = usage or self.usage
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and (reason := choice.get("finish_reason")) is not None:
                self._finished = True
                if not choice.get("index"):
                    self.finish_reason = word(reason)
        return not (self._hides and choices == [] and usage is not None)


class TypedStream:
    """Events that say their `type`; no [DONE] is needed, and none added.

    After a type in `ends` the stream is complete, after one in `fails` it has failed. After one in `closes` nothing
    follows.
    """

    shape: ClassVar[ErrorShape] = OPENAI
    ends: ClassVar[frozenset[str]]
    fails: ClassVar[frozenset[str]] = frozenset({"error"})
    closes: ClassVar[frozenset[str]] = frozenset()
    tells: ClassVar[re.Pattern[bytes]]
    assumed: ClassVar[bool] = True
    limit: ClassVar[int] = MAX_EVENT
    lacking: ClassVar[str] = "an event that ends it"

    def __init__(self, *, hides_usage: bool = False) -> None:  # noqa: ARG002  usage is part of these protocols
        self.usage: Usage | None = None
        self.prompt_tokens: int | None = None
        self.text_bytes = 0
        self.finish_reason: str | None = None
        self.done = False
        self.failed = False
        self.middle: Callable[[bytes], bytes] | None = None
        self._ended = False
        self._count = 0

    @property
    def complete(self) -> bool:
        return self._ended and not self.failed

    def pass_on(self, whole: bytes) -> bytes:
        self.text_bytes += self._measure(whole)
        first = self._first_telling(whole)
        before, rest = (whole, b"") if first is None else _parted(whole, first)
        self._count += before.count(b"\ndata:") + before.startswith(b"data:")
        passed = [before]
        for block in blocks(rest):
            self._read(block)
            passed.append(block)
            if self.done:
                break
        return b"".join(passed)

    def finish(self, rest: bytes) -> bytes:
        return b"" if self.done else self.pass_on(_completed(rest))

    def error_event(self, error: OpenAIError) -> bytes:
        return self.shape.event(error, self._count)

    def _first_telling(self, events: bytes) -> int | None:
        """Where. Asked of each event again, so that it does not matter with which others it came."""
        found = self.tells.search(events)
        places = [found.start()] if found is not None else []
        places += [at for word in (DONE_MARK, _NAMED_ERROR) if (at := events.find(word)) >= 0]
        return min(places, default=None)

    def _read(self, block: bytes) -> None:
        event = _event(block)
        if event is None:
            return
        self._count += 1
        if self._first_telling(block) is None:
            return
        if event.data.strip() == DONE_MARK:
            self.done = True
            return
        value = _object(event.data)
        kind = value.get("type") or event.event
        if kind in self.fails or (kind not in self.ends and _is_error(value)):
            self.failed = True
        elif kind in self.ends:
            self._ended = True
        self.done = kind in self.closes
        self._account(str(kind), value)

    def _measure(self, whole: bytes) -> int:
        return text_bytes(whole)

    def _account(self, kind: str, value: dict[str, object]) -> None:  # noqa: ARG002  for others
        """An event that tells may tell of usage."""
        self.usage = usage_of(value) or self.usage


class ResponsesStream(TypedStream):
    """OpenAI's Responses. The last event bears the whole response, usage included."""

    shape = RESPONSES
    ends = frozenset({"response.completed", "response.incomplete"})
    fails = frozenset({"error", "response.failed"})
    closes = ends | {"response.failed"}
    tells = re.compile(rb'"(?:response\.(?:completed|incomplete|failed)|error)"')
    lacking = "response.completed"

    def _measure(self, whole: bytes) -> int:
        return delta_bytes(whole)

    def _account(self, kind: str, value: dict[str, object]) -> None:
        if kind in self.ends | self.fails:
            self.usage = usage_of(value.get("response")) or self.usage
        if kind in self.ends:
            self.finish_reason = of_ended_response(kind, value.get("response"))


class MessagesStream(TypedStream):
    """Anthropic's Messages: the prompt is counted in `message_start`, all of it in the last `message_delta`."""

    shape = ANTHROPIC
    ends = frozenset({"message_stop"})
    closes = ends | {"error"}
    tells = re.compile(rb'"(?:message_(?:start|delta|stop)|error)"')
    lacking = "message_stop"

    def _account(self, kind: str, value: dict[str, object]) -> None:
        match kind:
            case "message_start":
                begun = usage_of(value.get("message"))
                self.prompt_tokens = begun.prompt_tokens if begun is not None else self.prompt_tokens
            case "message_delta":
                delta = value.get("delta")
                if isinstance(delta, dict):
                    self.finish_reason = word(delta.get("stop_reason")) or self.finish_reason
                told = usage_of(value)
                if told is not None:
                    prompt = told.prompt_tokens or self.prompt_tokens or 0
                    self.usage = Usage(prompt, told.completion_tokens, prompt + told.completion_tokens)
            case _:
                pass


class MediaStream(TypedStream):
    """Pictures, speech and transcripts of OpenAI, as they are made; of pictures, one after the other."""

    ends = frozenset(
        {"image_generation.completed", "image_edit.completed", "speech.audio.done", "transcript.text.done"}
    )
    tells = re.compile(
        rb'"(?:image_(?:generation|edit)\.completed|(?:speech\.audio|transcript\.text)\.done|error)"'
    )
    assumed = False
    limit = 8 * MAX_EVENT
    """A picture is one event."""

    def _measure(self, whole: bytes) -> int:  # noqa: ARG002  nothing of it is text
        return 0


def _parted(whole: bytes, at: int) -> tuple[bytes, bytes]:
    """(whole events before the one that holds this place, the rest), as far as that can be told at a glance."""
    cut = whole.rfind(b"\n\n", 0, at)
    return (b"", whole) if cut < 0 else (whole[: cut + 2], whole[cut + 2 :])


def _event(block: bytes) -> ServerSentEvent | None:
    if block.startswith(b"data: ") and block.find(b"\n") == len(block) - 2 and block.find(b"\r") < 0:
        return ServerSentEvent(block[6:-2])  # as nearly all are
    decoder = Decoder(limit=len(block) + 1)
    return next(iter((*decoder.feed(block), *decoder.finish())), None)


def _completed(rest: bytes) -> bytes:
    """The last event with the blank line that it lacks; nothing where the event itself was cut."""
    event = _event(rest) if rest else None
    if event is None or not (event.data.strip() == DONE_MARK or _readable(event.data)):
        return b""
    return rest.rstrip(b"\r\n") + b"\n\n"


def _readable(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _object(data: bytes) -> dict[str, object]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_error(value: dict[str, object]) -> bool:
    """An error that has no type of its own, as gateways and proxies send it into any stream."""
    return "type" not in value and bool(value.get("error"))
