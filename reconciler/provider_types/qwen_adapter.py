"""How the web session is asked: a conversation goes on in its chat, or begins a new one that is told all of it."""

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from reconciler.clock import Clock, SystemClock
from reconciler.protocol.chat import Identity, json_object, text_request
from reconciler.protocol.errors import InvalidRequest, endpoint_not_served
from reconciler.protocol.transcript import transcript, turns_of
from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.provider_types.endpoints import ENDPOINTS, JSON
from reconciler.provider_types.qwen_answers import Asked, PlainAnswer, Resumed, StreamedAnswer, Upstream
from reconciler.provider_types.qwen_chats import Chat, Chats, Conversation, Whose
from reconciler.provider_types.qwen_requests import completion_request, new_chat_request
from reconciler.provider_types.translation import EVENT_STREAM, Translating

MODELS = "/api/models"
_EFFORTS_WITHOUT = ("none", "minimal")
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class QwenDirectAdapter(Translating):
    """`headers` hold the credentials, so nothing of them is shown. `chats` is what changes: used on one event loop."""

    root: str
    headers: Headers = field(repr=False)
    chats: Chats = field(default_factory=Chats, repr=False, compare=False)
    clock: Clock = _CLOCK

    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:
        given = json_object(body)
        turns = turns_of(given)
        told = text_request(given, ())
        if endpoint is not Endpoint.CHAT:
            raise InvalidRequest(endpoint_not_served(told.model, ENDPOINTS[endpoint].path))
        whose = Whose.of(passed, given, told.model)
        conversation = Conversation(whose, turns)
        chat = self.chats.take(conversation)
        identity = Identity(
            f"chatcmpl-{randomness.token_hex(12)}", int(self.clock.now().timestamp()), told.model
        )
        asked = Asked(identity, told.stream, told.include_usage, thinks(given), conversation)
        if chat is None:
            return self._begin(asked)
        request = self._completion(asked, chat, transcript(conversation.new))
        lost = Resumed(request.translator, self.chats, conversation, chat, lambda: self._begin(asked))
        return request._replace(translator=lost)

    def probe(self, path: str | None) -> UpstreamRequest:
        parts = urlsplit(self.root)
        url = self.root + MODELS if path is None else f"{parts.scheme}://{parts.netloc}{path}"
        headers = tuple((name, value) for name, value in self.headers if name != "content-type")
        return UpstreamRequest("GET", url, (*headers, ("accept", "*/*")), b"")

    def _begin(self, asked: Asked) -> UpstreamRequest:
        """A new chat, told all of the conversation."""
        text = transcript(asked.conversation.turns)

        def opened(id_: str) -> UpstreamRequest:
            return self._completion(asked, Chat(id_, None), text)

        return new_chat_request(self._upstream(), asked.identity.model, self.clock.now(), opened)

    def _completion(self, asked: Asked, chat: Chat, text: str) -> UpstreamRequest:
        reader = StreamedAnswer if asked.stream else PlainAnswer
        now = self.clock.now()
        return completion_request(
            self._upstream(EVENT_STREAM if asked.stream else JSON),
            asked,
            chat,
            text,
            now,
            reader(asked, self.chats, chat),
        )

    def _upstream(self, accept: str = JSON) -> Upstream:
        return Upstream(self.root, (*self.headers, ("accept", accept)))

    def __repr__(self) -> str:
        return f"<QwenDirectAdapter {self.root}>"


def thinks(given: Mapping[str, object]) -> bool:
    """Whether the model is to think first; it is asked to where the request says so."""
    nested = given.get("reasoning")
    effort = given.get("reasoning_effort") or (nested.get("effort") if isinstance(nested, dict) else None)
    return isinstance(effort, str) and effort not in _EFFORTS_WITHOUT
