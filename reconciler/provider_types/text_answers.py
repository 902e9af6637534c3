"""Answers that are nothing but text as OpenAI's chat and completions write them: bytes of UTF-8, cut anywhere."""

import codecs
import secrets as randomness
from collections.abc import Iterable, Iterator
from typing import Protocol

from reconciler.protocol.chat import Identity
from reconciler.protocol.chat_parts import ChatChunks, chat_completion
from reconciler.protocol.completions import CompletionWriter
from reconciler.protocol.error_shapes import OPENAI
from reconciler.provider_types.base import Endpoint, Head, Step
from reconciler.provider_types.endpoints import JSON
from reconciler.provider_types.translation import EVENT_STREAM, AnswerReader, Malformed, answer_headers

_ID_PREFIXES = {Endpoint.CHAT: "chatcmpl-", Endpoint.COMPLETIONS: "cmpl-"}


class TextWriter(Protocol):
    """One answer: `whole`, or `opening`, any number of `text`, and `closing`."""

    def whole(self, text: str) -> bytes: ...

    def opening(self) -> bytes: ...

    def text(self, text: str) -> bytes: ...

    def closing(self) -> bytes: ...


def text_answer(endpoint: Endpoint, model: str, created: int, *, stream: bool) -> "TextAnswer":
    """`endpoint` is chat or completions; `created` in seconds since 1970."""
    identity = Identity(f"{_ID_PREFIXES[endpoint]}{randomness.token_hex(12)}", created, model)
    writer = _Chat(identity) if endpoint is Endpoint.CHAT else _Completion(identity)
    return TextAnswer(writer, stream=stream)


class TextAnswer(AnswerReader):
    """White space around the text is none of it. The head waits for the first word: until then another may be asked."""

    def __init__(self, writer: TextWriter, *, stream: bool) -> None:
        super().__init__(OPENAI)
        self._writer = writer
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._kept: list[str] = []
        self._blank: list[str] = []
        self._begun = False

    def read(self, chunk: bytes) -> Iterator[Step]:
        yield from self._read(self._decode(chunk))

    def read_end(self) -> Iterator[Step]:
        yield from self._read(self._decode(b"", final=True))
        if not self._begun:
            raise Malformed("there is no text in it")
        if self._stream:
            yield self._writer.closing()
            return
        yield Head(200, answer_headers(self.headers, JSON))
        yield self._writer.whole("".join(self._kept))

    def _read(self, decoded: str) -> Iterable[Step]:
        text = decoded if self._begun else decoded.lstrip()
        words = text.rstrip()
        if not words:
            self._blank.append(text if self._begun else "")
            return ()
        told = "".join(self._blank) + words
        self._blank = [text[len(words) :]]
        first, self._begun = not self._begun, True
        if not self._stream:
            self._kept.append(told)
            return ()
        said = self._writer.text(told)
        if not first:
            return (said,)
        return Head(200, answer_headers(self.headers, EVENT_STREAM)), self._writer.opening() + said


class _Chat:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._chunks = ChatChunks(identity, include_usage=False)

    def whole(self, text: str) -> bytes:
        return chat_completion(self._identity, (text, "", ()), "stop", None)

    def opening(self) -> bytes:
        return self._chunks.opening()

    def text(self, text: str) -> bytes:
        return self._chunks.text(text)

    def closing(self) -> bytes:
        return self._chunks.closing("stop", None)


class _Completion:
    def __init__(self, identity: Identity) -> None:
        self._writer = CompletionWriter(identity, include_usage=False)

    def whole(self, text: str) -> bytes:
        return self._writer.whole(text, "stop", None)

    def opening(self) -> bytes:
        return b""

    def text(self, text: str) -> bytes:
        return self._writer.content(text)

    def closing(self) -> bytes:
        return self._writer.closing("", "stop", None)
