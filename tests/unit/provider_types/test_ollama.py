import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.ollama import OLLAMA, OllamaAdapter, OllamaConfig, build
from reconciler.provider_types.ollama_answers import ChatAnswer, ChatLines, EmbeddingsAnswer
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig
from reconciler.provider_types.translation import Unasked


def adapter(secrets: dict[str, str] | None = None, **config: object) -> OllamaAdapter:
    made = build(OllamaConfig.model_validate(config), secrets or {})
    assert isinstance(made, OllamaAdapter)
    return made


def body(**members: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}).encode()


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (None, "http://localhost:11434"),
        ("http://gpu:11434/", "http://gpu:11434"),
        ("http://gpu:11434/v1", "http://gpu:11434"),
        ("http://gpu:11434/api/", "http://gpu:11434"),
        ("https://proxy.lan/ollama/v1/", "https://proxy.lan/ollama"),
        ("https://ollama.com", "https://ollama.com"),
    ],
)
def test_its_interfaces_are_below_one_root(url: str | None, root: str) -> None:
    made = adapter() if url is None else adapter(baseURL=url)
    assert made.encode(Endpoint.CHAT, body()).url == f"{root}/api/chat"
    assert made.encode(Endpoint.EMBEDDINGS, b'{"model": "m", "input": "a"}').url == f"{root}/api/embed"
    assert made.probe(None).url == f"{root}/api/tags"
    assert repr(made) == f"<OllamaAdapter {root}>"
    for endpoint in OLLAMA.endpoints - {Endpoint.CHAT, Endpoint.EMBEDDINGS}:
        request = made.encode(endpoint, body())
        assert (request.url, request.body, request.translator) == (
            f"{root}/v1{endpoint.path}",
            body(),
            None,
        )


def test_a_probe_of_another_path_is_asked_at_its_host() -> None:
    assert adapter(baseURL="http://gpu/ollama").probe("/health").url == "http://gpu/health"


def test_requests_bear_the_key_and_the_headers() -> None:
    made = adapter({"apiKey": "k"}, headers={"X-Team": "a"})
    for request in (made.encode(Endpoint.CHAT, body()), made.probe(None)):
        assert {("authorization", "Bearer k"), ("x-team", "a")} <= set(request.headers)
    assert "k" not in repr(made)


@pytest.mark.parametrize(
    ("written", "sent"), [("5m", "300000ms"), ("0s", "0ms"), (1500, "1500ms"), (None, None)]
)
def test_how_long_a_model_stays_loaded(written: object, sent: str | None) -> None:
    made = adapter(keepAlive=written)
    assert json.loads(made.encode(Endpoint.CHAT, body()).body).get("keep_alive") == sent
    embedded = made.encode(Endpoint.EMBEDDINGS, b'{"model": "m", "input": "a"}')
    assert json.loads(embedded.body).get("keep_alive") == sent


def test_each_answer_has_its_reader() -> None:
    class FixedClock:
        def now(self) -> datetime:
            return datetime(2026, 11, 21, tzinfo=UTC)

        def monotonic(self) -> float:
            return 0.0

    made = OllamaAdapter("http://a", adapter().face, clock=FixedClock())
    streamed, plain = (made.encode(Endpoint.CHAT, body(stream=stream)).translator for stream in (True, False))
    assert isinstance(streamed, ChatLines)
    assert isinstance(plain, ChatAnswer)
    assert plain.identity.created == int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
    assert (plain.identity.model, plain.identity.id == streamed.identity.id) == ("m", False)
    embedded = made.encode(Endpoint.EMBEDDINGS, b'{"model": "m", "input": "a"}').translator
    assert isinstance(embedded, EmbeddingsAnswer)
    assert isinstance(made.encode(Endpoint.CHAT, body(n=2)).translator, Unasked)


def test_tls_needs_https() -> None:
    with pytest.raises(ValidationError, match="https"):
        OllamaConfig.model_validate({"tls": {"serverName": "a"}})


def test_it_is_built_from_its_own_config_alone() -> None:
    with pytest.raises(TypeError, match="not a config of type ollama"):
        build(OpenAICompatibleConfig(baseURL="http://a/v1"), {})
