"""What the simulator can say: for each endpoint that answers with a text, how it is asked and how it writes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from reconciler.protocol.chat import ChatWriter, FinishReason, Identity, TextRequest, read_chat
from reconciler.protocol.completions import CompletionWriter, read_completions
from reconciler.protocol.messages import MessageWriter, counted, read_counted, read_messages
from reconciler.protocol.responses import ResponseWriter, read_responses
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import Endpoint


class Writer(Protocol):
    """One answer: `whole`, or `opening`, any number of `content`, and `closing`."""

    def whole(self, text: str, reason: FinishReason, usage: Usage) -> bytes: ...

    def opening(self, usage: Usage) -> bytes: ...

    def content(self, text: str) -> bytes: ...

    def closing(self, text: str, reason: FinishReason, usage: Usage) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Spoken:
    read: Callable[[bytes], TextRequest]
    writer: Callable[[Identity, TextRequest], Writer]
    id_prefix: str


SPOKEN: Mapping[Endpoint, Spoken] = MappingProxyType(
    {
        Endpoint.CHAT: Spoken(
            read_chat,
            lambda identity, asked: ChatWriter(identity, include_usage=asked.include_usage),
            "chatcmpl-",
        ),
        Endpoint.COMPLETIONS: Spoken(
            read_completions,
            lambda identity, asked: CompletionWriter(identity, include_usage=asked.include_usage),
            "cmpl-",
        ),
        Endpoint.RESPONSES: Spoken(
            read_responses, lambda identity, asked: ResponseWriter(identity, asked.max_tokens), "resp_"
        ),
        Endpoint.MESSAGES: Spoken(read_messages, lambda identity, _: MessageWriter(identity), "msg_"),
    }
)


def words(texts: Iterable[str]) -> int:
    """A token is a word here."""
    return sum(len(text.split()) for text in texts)


def token_count(body: bytes) -> bytes:
    """What count_tokens answers. Raises InvalidRequest."""
    return counted(words(read_counted(body).texts))
