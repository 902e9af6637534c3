import json

import pytest

from reconciler.provider_types.discovery import Offered, Unreadable
from reconciler.provider_types.lm_studio import models
from reconciler.provider_types.ollama_answers import shown, tags


def test_its_tags_are_names() -> None:
    found = tags(b'{"models": [{"name": "a:latest", "model": "a:latest"}, {"model": "b"}, {}, 3]}')
    assert (found.models, found.unusable) == ((Offered("a:latest"), Offered("b")), 2)
    for body in (b"[]", b'{"models": 1}', b"no"):
        with pytest.raises(Unreadable):
            tags(body)


def test_one_shown_tells_what_it_can_do() -> None:
    told = {
        "capabilities": ["completion", "tools", "thinking"],
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
    }
    found = shown(Offered("q"), json.dumps(told).encode())
    assert (found.capabilities, found.context_window) == (("chat", "tools", "json-schema"), 40960)
    embedding = shown(Offered("e"), b'{"capabilities": ["embedding"], "model_info": []}')
    assert embedding == Offered("e", capabilities=("embeddings",))
    with pytest.raises(Unreadable):
        shown(Offered("q"), b"[]")


def test_lm_studio_holds_what_can_chat_to_a_schema() -> None:
    rows = [
        {"id": "v", "type": "vlm", "capabilities": ["tool_use", "chat"], "max_context_length": 8},
        {"id": "e", "type": "embeddings"},
    ]
    found = models(json.dumps({"data": rows}).encode()).models
    assert found[0] == Offered("v", capabilities=("chat", "tools", "vision", "json-schema"), context_window=8)
    assert found[1].capabilities == ("embeddings",)
