"""What the web session is asked: a new chat, and an answer in it."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime

from reconciler.provider_types.base import Translator, UpstreamRequest
from reconciler.provider_types.qwen_answers import Asked, NewChat, Upstream
from reconciler.provider_types.qwen_chats import Chat

NEW_CHAT = "/api/v2/chats/new"
COMPLETIONS = "/api/v2/chat/completions"
_MODE, _KIND = "guest", "t2t"


def new_chat_request(
    upstream: Upstream, model: str, now: datetime, opened: Callable[[str], UpstreamRequest]
) -> UpstreamRequest:
    """`opened`: what is asked next, of the chat of that id."""
    body = {
        "title": "New Chat",
        "models": [model],
        "chat_mode": _MODE,
        "chat_type": _KIND,
        "timestamp": int(now.timestamp() * 1000),
    }
    headers = (*upstream.headers, ("referer", f"{upstream.root}/"))
    return UpstreamRequest(
        "POST", upstream.root + NEW_CHAT, headers, json.dumps(body).encode(), NewChat(opened)
    )


def completion_request(
    upstream: Upstream, asked: Asked, chat: Chat, text: str, now: datetime, reader: Translator
) -> UpstreamRequest:
    seconds = int(now.timestamp())
    body = {
        "stream": asked.stream,
        "incremental_output": True,
        "chat_id": chat.id,
        "chat_mode": _MODE,
        "model": asked.identity.model,
        "parent_id": chat.parent,
        "messages": [_message(asked, chat, text, seconds)],
        "timestamp": seconds,
    }
    url = f"{upstream.root}{COMPLETIONS}?chat_id={chat.id}"
    headers = (*upstream.headers, ("referer", f"{upstream.root}/c/{chat.id}"))
    return UpstreamRequest("POST", url, headers, json.dumps(body).encode(), reader)


def _message(asked: Asked, chat: Chat, text: str, seconds: int) -> dict[str, object]:
    """All of it is asked for, the two spellings of the parent too."""
    return {
        "fid": str(uuid.uuid4()),
        "parentId": chat.parent,
        "parent_id": chat.parent,
        "childrenIds": [],
        "role": "user",
        "content": text,
        "user_action": "chat",
        "files": [],
        "timestamp": seconds,
        "models": [asked.identity.model],
        "chat_type": _KIND,
        "sub_chat_type": _KIND,
        "feature_config": {"thinking_enabled": asked.thinks, "output_schema": "phase"},
        "extra": {"meta": {"subChatType": _KIND}},
    }
