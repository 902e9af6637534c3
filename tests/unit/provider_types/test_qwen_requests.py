import json
from datetime import UTC, datetime

from fakes.qwen import MESSAGE

from reconciler.protocol.chat import Identity
from reconciler.protocol.transcript import Turn
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.qwen_answers import Asked, NewChat, PlainAnswer, Upstream
from reconciler.provider_types.qwen_chats import Chat, Chats, Conversation, Whose
from reconciler.provider_types.qwen_requests import completion_request, new_chat_request

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SITE = Upstream("https://site.example", (("cookie", "a=b"),))
CONVERSATION = Conversation(Whose(None, None, (), "m"), (Turn("user", "hi"),))
ASKED = Asked(Identity("chatcmpl-1", 5, "m"), False, False, True, CONVERSATION)


def test_a_new_chat_names_the_model_and_nothing_of_the_client() -> None:
    request = new_chat_request(SITE, "m", NOW, lambda id_: UpstreamRequest("POST", id_, (), b""))
    assert request.url == "https://site.example/api/v2/chats/new"
    assert isinstance(request.translator, NewChat)
    body = json.loads(request.body)
    assert body == {
        "title": "New Chat",
        "models": ["m"],
        "chat_mode": "guest",
        "chat_type": "t2t",
        "timestamp": int(NOW.timestamp()) * 1000,
    }


def test_a_completion_has_one_message_with_all_fields() -> None:
    chat = Chat("c-1", "p-1")
    reader = PlainAnswer(ASKED, Chats(), chat)
    request = completion_request(SITE, ASKED, chat, "hi", NOW, reader)
    assert request.url == "https://site.example/api/v2/chat/completions?chat_id=c-1"
    assert request.headers == (("cookie", "a=b"), ("referer", "https://site.example/c/c-1"))
    body = json.loads(request.body)
    (message,) = body["messages"]
    assert set(message) == set(MESSAGE)
    assert message["parentId"] == message["parent_id"] == body["parent_id"] == "p-1"
    assert message["timestamp"] == body["timestamp"] == int(NOW.timestamp())
    assert (message["content"], message["feature_config"]["thinking_enabled"]) == ("hi", True)
    assert (body["stream"], body["incremental_output"], body["model"]) == (False, True, "m")
