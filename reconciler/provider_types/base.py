"""What a provider type is: a config model, an adapter, and the transport that carries its bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from reconciler.provider_types.config import ProviderConfig
    from reconciler.provider_types.discovery import Discovery


class Endpoint(Enum):
    """What a client can ask of an upstream; the value, and `path`, is what follows its base URL."""

    def __init__(self, path: str) -> None:
        self.path = path  # `value` takes three calls to read

    __hash__ = object.__hash__  # that of Enum is a Python function

    CHAT = "/chat/completions"
    COMPLETIONS = "/completions"
    EMBEDDINGS = "/embeddings"
    RESPONSES = "/responses"
    MESSAGES = "/messages"
    COUNT_TOKENS = "/messages/count_tokens"
    MODERATIONS = "/moderations"
    RERANK = "/rerank"
    IMAGE_GENERATIONS = "/images/generations"
    IMAGE_EDITS = "/images/edits"
    IMAGE_VARIATIONS = "/images/variations"
    SPEECH = "/audio/speech"
    TRANSCRIPTIONS = "/audio/transcriptions"
    TRANSLATIONS = "/audio/translations"


EVERY_ENDPOINT = frozenset(Endpoint)

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Lower-case names."""


class UpstreamRequest(NamedTuple):
    """One request to an upstream, ready for the wire."""

    method: str
    url: str
    headers: Headers
    body: bytes
    translator: "Translator | None" = None
    """Who reads the answer, where it is not in the client's protocol; for this one request. See `translation`."""

    def __repr__(self) -> str:
        return f"<UpstreamRequest {self.method} {self.url} {len(self.body)} bytes>"


class Head(NamedTuple):
    """What an answer begins with, as the client's protocol has it."""

    status: int
    headers: Headers


Step: TypeAlias = Head | bytes | UpstreamRequest
"""What becomes of an answer that is translated: its head, once; its bytes, after that; or, before the head, another request
that is to be made, whose answer is read in place of this one (by that request's own translator).
"""


class Translator(Protocol):
    """Reads one answer of an upstream, and writes it as the client's protocol has it. Pure: it does no I/O, and asks no clock.

    Called as a transport's sink is: `head` once, `feed` for each chunk, `finish` where the upstream's answer ended (and
    nothing where it broke off, which is told to the client in another way). All raise `translation.Malformed` where what came
    is no answer of the kind; what they gave before that counts. In whichever pieces an answer comes, the same bytes are to
    come out, and no piece, however hostile, is to take memory without a bound, or raise anything else.
    """

    def head(self, status: int, headers: Headers) -> Iterable[Step]: ...

    def feed(self, chunk: bytes) -> Iterable[Step]: ...

    def finish(self) -> Iterable[Step]: ...


class Adapter(Protocol):
    """One provider as built, credentials included. Frozen, safe to share between requests."""

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        """`body` is the client's with `model` already set to the upstream's name for it.

        `passed` are those of the client's headers that the endpoint's row in `endpoints` names; mostly there are none.
        """
        ...

    def probe(self, path: str | None) -> UpstreamRequest:
        """What shows whether the provider is well: its list of models, or `path` from the root of its host."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderType:
    """One row of the catalog.

    `build` makes the adapter from a validated config and the resolved values of `secret_fields` (a nested one has dots); it raises
    errors.InvalidInput where they don't go together. Fields in `in_place` change without a new build. `endpoints` are
    those that upstreams of this type may serve; one that lacks some answers with an error of its own. `discovery` is how its
    models are listed; None: as OpenAI's are. `introduces`: its adapters are told who asks, and for which conversation,
    as headers among those that they are passed (`qwen_chats`).
    """

    name: str
    config: "type[ProviderConfig]"
    transport: Literal["http", "process", "simulator"]
    build: "Build"
    secret_fields: tuple[str, ...] = ()
    in_place: tuple[str, ...] = ()
    endpoints: frozenset[Endpoint] = EVERY_ENDPOINT
    discovery: "Discovery | None" = None
    introduces: bool = False


class Build(Protocol):
    def __call__(self, config: "ProviderConfig", secrets: Mapping[str, str]) -> Adapter: ...
