"""THE table of endpoints: how each is spoken. A new one is a member of Endpoint and a row here.

What a row does not say is alike for all: the path is `/v1` and the endpoint's own, the body names a model, and the
answer passes as the upstream wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.protocol.error_shapes import ANTHROPIC, OPENAI, ErrorShape
from reconciler.protocol.finish_reasons import Finish, of_choices, of_message, of_response
from reconciler.protocol.multipart import MULTIPART
from reconciler.protocol.streams import ChatStream, EventStream, MediaStream, MessagesStream, ResponsesStream
from reconciler.provider_types.base import Endpoint

PREFIX = "/v1"
JSON = "application/json"
_JSON_ONLY = frozenset({JSON})
_JSON_OR_EVENTS = "application/json, text/event-stream"


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint.

    `label` is its name in metrics and logs, `takes` the media types of its requests, `errors` the shape of the
    gateway's own. `stream` reads its server-sent events, `finish` why a plain answer ended; None where it has none. `asks_usage`: streams tell their usage
    only where `stream_options` asks for it. `counts`: the usage of an answer is what the request used; `estimates`: it
    is estimated where none is told. `passed` are the client's headers that travel on, `accept` what the upstream may
    answer with.
    """

    endpoint: Endpoint
    label: str
    takes: frozenset[str] = _JSON_ONLY
    errors: ErrorShape = OPENAI
    stream: type[EventStream] | None = None
    finish: Finish | None = None
    asks_usage: bool = False
    counts: bool = True
    estimates: bool = False
    passed: frozenset[str] = frozenset()
    accept: str = _JSON_OR_EVENTS

    @property
    def path(self) -> str:
        return PREFIX + self.endpoint.path


_ANTHROPIC_HEADERS = frozenset({"anthropic-version", "anthropic-beta"})
_FORM = frozenset({MULTIPART})

_ROWS = (
    EndpointRow(Endpoint.CHAT, "chat", stream=ChatStream, finish=of_choices, asks_usage=True, estimates=True),
    EndpointRow(
        Endpoint.COMPLETIONS,
        "completions",
        stream=ChatStream,
        finish=of_choices,
        asks_usage=True,
        estimates=True,
    ),
    EndpointRow(Endpoint.EMBEDDINGS, "embeddings", estimates=True),
    EndpointRow(Endpoint.RESPONSES, "responses", stream=ResponsesStream, finish=of_response, estimates=True),
    EndpointRow(
        Endpoint.MESSAGES,
        "messages",
        errors=ANTHROPIC,
        stream=MessagesStream,
        finish=of_message,
        estimates=True,
        passed=_ANTHROPIC_HEADERS,
    ),
    EndpointRow(
        Endpoint.COUNT_TOKENS, "count_tokens", errors=ANTHROPIC, counts=False, passed=_ANTHROPIC_HEADERS
    ),
    EndpointRow(Endpoint.MODERATIONS, "moderations"),
    EndpointRow(Endpoint.RERANK, "rerank", estimates=True),
    EndpointRow(Endpoint.IMAGE_GENERATIONS, "image_generations", stream=MediaStream),
    EndpointRow(Endpoint.IMAGE_EDITS, "image_edits", takes=_FORM | _JSON_ONLY, stream=MediaStream),
    EndpointRow(Endpoint.IMAGE_VARIATIONS, "image_variations", takes=_FORM),
    EndpointRow(Endpoint.SPEECH, "speech", stream=MediaStream, accept="*/*"),
    EndpointRow(Endpoint.TRANSCRIPTIONS, "transcriptions", takes=_FORM, stream=MediaStream, accept="*/*"),
    EndpointRow(Endpoint.TRANSLATIONS, "translations", takes=_FORM, accept="*/*"),
)

ENDPOINTS: Mapping[Endpoint, EndpointRow] = MappingProxyType({row.endpoint: row for row in _ROWS})
MULTIPART_PATHS = frozenset(row.path for row in _ROWS if MULTIPART in row.takes)
