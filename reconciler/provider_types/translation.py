"""Upstreams that speak another wire than their clients: what their adapters have in common. Pure, bytes in, bytes out.

How such a type is made:

1. Its adapter derives from `Translating` and writes `translated`: the client's body (OpenAI's or Anthropic's, by endpoint)
   becomes the upstream's request, and that bears a `base.Translator`, made for this one exchange. One without a translator
   is answered as upstreams of the type openai-compatible are: its bytes pass as they come. So an adapter may translate some
   endpoints, or some requests, and leave the others alone.
2. What the upstream's wire has no words for: `translated` raises InvalidRequest, and the client gets that error, in its own
   protocol's shape, without the upstream being asked. `unasked` does the same for any other answer.
3. The translator gives `Step`s. Errors of the upstream (4xx and 5xx) keep their status: `ErrorReader` reads them.
   A stream is written as the endpoint's protocol has it (for chat: server-sent events, with the usage chunk where
   `stream_options` asks for it, and [DONE]). An error in the middle of a stream is the protocol's error event.
   It may hold its Head back until the first bytes that are an answer, so that until then a fallback is possible, and an error
   that comes with status 200 can get a status of its own.
   Before its Head it may give an UpstreamRequest: that is made next (to create a conversation first, say).
4. It raises `Malformed` for what is no answer: the upstream counts as broken, and its client is told as if it had broken off.

The wrapping is done by gateway/transport/translated.py, for any transport, where the adapter is a `Translating`; so other types
pay nothing. What dispatches requests knows nothing of it: retries, fallbacks, usage, limits and error events are as for all.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable

from reconciler.protocol.error_shapes import ErrorShape, words
from reconciler.protocol.errors import InvalidRequest, OpenAIError
from reconciler.provider_types.base import Endpoint, Head, Headers, Step, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS, JSON

MAX_LINE = 4 * 1024 * 1024
"""Bytes of one line of a stream, as of one event (protocol.sse)."""

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer that can be translated as a whole only."""

MAX_ERROR = 64 * 1024

EVENT_STREAM = "text/event-stream"

_OF_BODIES = frozenset({"content-type", "content-length", "content-encoding", "transfer-encoding"})


class Malformed(Exception):
    """What came is no answer of the upstream's kind. The text is for people, and repeats nothing of it."""


class Translating(ABC):
    """Base of the adapters whose requests may bear a translator."""

    __slots__ = ()

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        try:
            return self.translated(endpoint, body, passed)
        except InvalidRequest as invalid:
            return refused(invalid.error, endpoint)

    @abstractmethod
    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:
        """As Adapter.encode. Raises InvalidRequest for what can't be said to this upstream."""

    @abstractmethod
    def probe(self, path: str | None) -> UpstreamRequest: ...


class Unasked:
    """In place of a translator: the answer that is given without asking the upstream."""

    def __init__(self, head: Head, body: bytes) -> None:
        self._head, self._body = head, body

    def head(self, status: int, headers: Headers) -> Iterable[Step]:  # noqa: ARG002  there are none
        return (self._head,)

    def feed(self, chunk: bytes) -> Iterable[Step]:  # noqa: ARG002  as above
        return ()

    def finish(self) -> Iterable[Step]:
        return (self._body,)


def unasked(status: int, headers: Headers, body: bytes) -> UpstreamRequest:
    """A request that is not made: this is its answer."""
    return UpstreamRequest("POST", "", (), b"", Unasked(Head(status, headers), body))


def refused(error: OpenAIError, endpoint: Endpoint) -> UpstreamRequest:
    """As `unasked`, with an error as the endpoint's protocol writes it."""
    return unasked(error.status, error.response_headers(), ENDPOINTS[endpoint].errors.body(error))


def answer_headers(given: Headers, content_type: str) -> Headers:
    """Of a translated answer: the upstream's own, but for those that tell of its body."""
    return (("content-type", content_type), *(each for each in given if each[0] not in _OF_BODIES))


class Lines:
    """Cuts a stream into its lines, without what ends them; blank ones are left out. Raises Malformed over `limit` bytes."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, chunk: bytes) -> Iterable[bytes]:
        """Those that this chunk completes."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._hold(chunk[start:end])
            start = end + 1
            yield from self.finish()
        self._hold(chunk[start:])

    def finish(self) -> Iterable[bytes]:
        """The last line, which nothing may end."""
        line, self._held = bytes(self._held).strip(), bytearray()
        if line:
            yield line

    def _hold(self, part: bytes) -> None:
        self._held += part
        if len(self._held) > self._limit:
            raise Malformed(f"a line of the stream is longer than {self._limit} bytes")


class Collected:
    """A body that is read as a whole. Raises Malformed over `limit` bytes."""

    def __init__(self, limit: int = MAX_ANSWER) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._held += chunk
        if len(self._held) > self._limit:
            raise Malformed(f"the answer is longer than {self._limit} bytes")

    def take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


class AnswerReader(ABC):
    """Base of translators that read good answers only: errors go to an `ErrorReader`, and other heads pass as they came."""

    _others: "ErrorReader | _Passed | None" = None

    def __init__(self, shape: ErrorShape) -> None:
        self.shape = shape
        self.headers: Headers = ()

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        if 400 <= status <= 599:
            self._others = errors = ErrorReader(self.shape)
            return errors.head(status, headers)
        if not 200 <= status <= 299:
            self._others = _Passed()
            return (Head(status, headers),)
        self.headers = headers
        return ()

    def feed(self, chunk: bytes) -> Iterable[Step]:
        return self.read(chunk) if self._others is None else self._others.feed(chunk)

    def finish(self) -> Iterable[Step]:
        return self.read_end() if self._others is None else self._others.finish()

    @abstractmethod
    def read(self, chunk: bytes) -> Iterable[Step]:
        """As Translator.feed. The Head is still to be given."""

    @abstractmethod
    def read_end(self) -> Iterable[Step]:
        """As Translator.finish."""


class _Passed:
    """After a head that is neither an answer's nor an error's: nothing of it is an answer."""

    def feed(self, chunk: bytes) -> Iterable[Step]:  # noqa: ARG002  as above
        return ()

    def finish(self) -> Iterable[Step]:
        return ()


class ErrorReader:
    """An upstream's error (4xx, 5xx), in whichever shape: its status and its words, as the client's protocol has them.

    One without readable words, or too long, has an empty body: what dispatches requests finds words for that. The head is told
    at once, for the wait for an error's text is a short one.
    """

    def __init__(self, shape: ErrorShape) -> None:
        self._shape = shape
        self._status = 0
        self._held = bytearray()

    def head(self, status: int, headers: Headers) -> Iterable[Step]:
        self._status = status
        return (Head(status, answer_headers(headers, JSON)),)

    def feed(self, chunk: bytes) -> Iterable[Step]:
        if len(self._held) <= MAX_ERROR:
            self._held += chunk[: MAX_ERROR + 1]
        return ()

    def finish(self) -> Iterable[Step]:
        said = words(bytes(self._held)) if len(self._held) <= MAX_ERROR else ""
        return (self._shape.body(upstream_error(self._status, said)),) if said else ()


def upstream_error(status: int, said: str) -> OpenAIError:
    """An upstream's error as OpenAI would tell it; clients go by its type and code."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    code = "upstream_error"
    if status == 404:
        code = "model_not_found" if "model" in said else code
    elif status == 429:
        kind, code = "requests", "rate_limit_exceeded"
    return OpenAIError(status, said, kind, code)


def json_answer(text: bytes) -> dict[str, object]:
    """Raises Malformed for what is no JSON object; NaN and Infinity are no JSON."""
    try:
        value = _DECODER.decode(text.decode())
    except (ValueError, RecursionError):
        raise Malformed("what came is no JSON") from None
    if not isinstance(value, dict):
        raise Malformed("what came is no JSON object")
    return value


def _no_number(name: str) -> object:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_number)
