"""Answers of the web session as OpenAI's chat writes them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from reconciler.protocol.chat import Identity
from reconciler.protocol.chat_parts import ChatChunks, chat_completion
from reconciler.protocol.error_shapes import OPENAI
from reconciler.protocol.errors import OpenAIError
from reconciler.protocol.sse import Decoder, EventTooLarge
from reconciler.protocol.usage import Usage, usage_of
from reconciler.provider_types.base import Head, Headers, Step, Translator, UpstreamRequest
from reconciler.provider_types.endpoints import JSON
from reconciler.provider_types.qwen_chats import Chat, Chats, Conversation
from reconciler.provider_types.translation import (
    EVENT_STREAM,
    AnswerReader,
    Collected,
    Malformed,
    answer_headers,
    json_answer,
    upstream_error,
)

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_REFUSED = frozenset({401, 403})
_FAILED = 502
_EXPIRED = "The web session of this model's provider has expired, or is refused; its token and cookies are to be renewed."
_THINKING = frozenset({"think", "thinking"})
_CODES = (("ratelimit", 429), ("unauthorized", 401), ("forbidden", 401), ("notfound", 404))
"""What the codes of errors that come with status 200 mean, by what they hold."""


class Upstream(NamedTuple):
    """Where it is, and what each request to it bears."""

    root: str
    headers: Headers


class Asked(NamedTuple):
    """What an answer is written by."""

    identity: Identity
    stream: bool
    include_usage: bool
    thinks: bool
    conversation: Conversation


class _Reader(AnswerReader):
    """Who refuses the credentials, by 401 or 403, refuses all requests alike: that is a 401."""

    _refused = False

    def __init__(self) -> None:
        super().__init__(OPENAI)
        self._body = Collected()

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        self._refused = status in _REFUSED
        if self._refused:
            return (Head(401, answer_headers(headers, JSON)),)
        return super().head(status, headers)

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return () if self._refused else super().feed(chunk)

    def finish(self) -> Iterable[Step]:
        return (_expired(),) if self._refused else super().finish()

    def failed(self, told: dict[str, object]) -> Iterator[Step]:
        """An error in place of an answer."""
        status = _status_of(told)
        yield Head(status, answer_headers(self.headers, JSON))
        yield _expired() if status == 401 else OPENAI.body(upstream_error(status, _words(told)))


class NewChat(_Reader):
    """Of a new chat: what is asked next, in it."""

    def __init__(self, opened: Callable[[str], UpstreamRequest]) -> None:
        super().__init__()
        self._opened = opened

    def read(self, chunk: bytes) -> Iterable[Step]:
        self._body.feed(chunk)
        return ()

    def read_end(self) -> Iterator[Step]:
        told = json_answer(self._body.take())
        if told.get("success") is False:
            yield from self.failed(told)
            return
        yield self._opened(_id(_object(told.get("data")).get("id")))


class PlainAnswer(_Reader):
    """All at once, wrapped in `data`."""

    def __init__(self, asked: Asked, chats: Chats, chat: Chat) -> None:
        super().__init__()
        self._asked, self._chats, self._chat = asked, chats, chat

    def read(self, chunk: bytes) -> Iterable[Step]:
        self._body.feed(chunk)
        return ()

    def read_end(self) -> Iterator[Step]:
        told = json_answer(self._body.take())
        if told.get("success") is False or told.get("error"):
            yield from self.failed(told)
            return
        data = _object(told.get("data"))
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = _object(_object(choice).get("message"))
        text, thought = _text(message.get("content")), _text(message.get("reasoning_content"))
        self._chats.keep(self._asked.conversation, text, Chat(self._chat.id, _id(data.get("message_id"))))
        yield Head(200, answer_headers(self.headers, JSON))
        usage = _usage(data) or _usage(told)
        yield chat_completion(self._asked.identity, (text, thought, ()), "stop", usage)


class StreamedAnswer(_Reader):
    """A stream. Its head waits for the first words: what comes before may yet be an error."""

    def __init__(self, asked: Asked, chats: Chats, chat: Chat) -> None:
        super().__init__()
        self._asked, self._chats, self._chat = asked, chats, chat
        self._decoder = Decoder()
        self._chunks = ChatChunks(asked.identity, include_usage=asked.include_usage)
        self._events = True
        self._parent: str | None = None
        self._said: list[str] = []
        self._usage: Usage | None = None
        self._begun = self._over = False

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        media = next((value for name, value in headers if name == "content-type"), "")
        self._events = media.partition(";")[0].strip().lower() == EVENT_STREAM
        return super().head(status, headers)

    def read(self, chunk: bytes) -> Iterator[Step]:
        if not self._events:
            self._body.feed(chunk)
            return
        try:
            events = self._decoder.feed(chunk)
        except EventTooLarge as error:
            raise Malformed(str(error)) from None
        for event in events:
            yield from self._event(event.data)

    def read_end(self) -> Iterator[Step]:
        if not self._events:
            told = json_answer(self._body.take())
            if told.get("success") is not False and not told.get("error"):
                raise Malformed("an answer that is no event stream")
            yield from self.failed(told)
            return
        for event in self._decoder.finish():
            yield from self._event(event.data)
        if not self._over:
            raise Malformed("it ended before the answer did")

    def _event(self, data: bytes) -> Iterator[Step]:
        if self._over:
            return
        if data.strip() == b"[DONE]":
            yield from self._finished()
            return
        told = json_answer(data)
        created = told.get("response.created")
        if created is not None:
            self._parent = _id(_object(created).get("response_id"))
        if told.get("error") or told.get("success") is False:
            self._over = True
            yield from self._broken_off(told) if self._begun else self.failed(told)
            return
        self._usage = _usage(told) or self._usage
        choices = told.get("choices")
        for choice in choices[:1] if isinstance(choices, list) else ():
            yield from self._delta(_object(_object(choice).get("delta")))

    def _delta(self, delta: dict[str, object]) -> Iterator[Step]:
        phase, text = delta.get("phase") or "answer", _text(delta.get("content"))
        if text and phase == "answer":
            self._said.append(text)
            yield from self._opened()
            yield self._chunks.text(text)
        elif text and phase in _THINKING:
            yield from self._opened()
            yield self._chunks.thought(text)
        if phase == "answer" and delta.get("status") == "finished":
            yield from self._finished()

    def _opened(self) -> Iterator[Step]:
        if not self._begun:
            self._begun = True
            yield Head(200, answer_headers(self.headers, EVENT_STREAM))
            yield self._chunks.opening()

    def _finished(self) -> Iterator[Step]:
        self._over = True
        if self._parent is not None:
            chat = Chat(self._chat.id, self._parent)
            self._chats.keep(self._asked.conversation, "".join(self._said), chat)
        yield from self._opened()
        yield self._chunks.closing("stop", self._usage)

    def _broken_off(self, told: dict[str, object]) -> Iterable[Step]:
        return (OPENAI.event(upstream_error(_FAILED, _words(told))),)


class Resumed:
    """The answer of a chat that went on. Where the site has lost it, a new one is begun; where it failed, it stays."""

    def __init__(
        self,
        reader: Translator | None,
        chats: Chats,
        conversation: Conversation,
        chat: Chat,
        again: Callable[[], UpstreamRequest],
    ) -> None:
        assert reader is not None
        self._reader = reader
        self._chats, self._conversation, self._chat = chats, conversation, chat
        self._again = again

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        if status == 404:
            return (self._again(),)
        self._stay(status)
        return self._reader.head(status, headers)

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return self._unless_lost(self._reader.feed(chunk))

    def finish(self) -> Iterable[Step]:
        return self._unless_lost(self._reader.finish())

    def _unless_lost(self, steps: Iterable[Step]) -> Iterator[Step]:
        """That it is lost, and all else, may be told with status 200."""
        for step in steps:
            if isinstance(step, Head):
                if step.status == 404:
                    yield self._again()
                    return
                self._stay(step.status)
            yield step

    def _stay(self, status: int) -> None:
        if status >= 400 and status not in _REFUSED:
            self._chats.put_back(self._conversation, self._chat)


def _expired() -> bytes:
    return OPENAI.body(OpenAIError(401, _EXPIRED, "authentication_error", "session_expired"))


def _status_of(told: dict[str, object]) -> int:
    code = re.sub(r"[^a-z]", "", str(_object(told.get("data")).get("code", "")).lower())
    return next((status for word, status in _CODES if word in code), _FAILED)


def _words(told: dict[str, object]) -> str:
    data, error = _object(told.get("data")), told.get("error")
    given = (
        data.get("details"),
        data.get("message"),
        error,
        _object(error).get("message"),
        told.get("message"),
    )
    said = next((text for text in given if isinstance(text, str) and text), "")
    return said[:1000] or "The provider's web session answered with an error."


def _object(given: object) -> dict[str, object]:
    return given if isinstance(given, dict) else {}


def _text(given: object) -> str:
    if given is not None and not isinstance(given, str):
        raise Malformed("a text that is none")
    return given or ""


def _id(given: object) -> str:
    """Of a chat or an answer: it goes into the next request's address."""
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise Malformed("an answer without the id of its chat")
    return given


def _usage(told: dict[str, object]) -> Usage | None:
    return usage_of(told)
