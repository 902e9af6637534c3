from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from reconciler import __version__
from reconciler.errors import InvalidInput
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.openai_compatible import (
    OpenAICompatibleConfig,
    build,
)
from reconciler.provider_types.simulator import SimulatorConfig

URL = "https://api.example.com/v1"


def config(url: str = URL, **fields: object) -> OpenAICompatibleConfig:
    return OpenAICompatibleConfig.model_validate({"baseURL": url, **fields})


def refusal(url: str = URL, **fields: object) -> str:
    with pytest.raises(ValidationError) as caught:
        config(url, **fields)
    return str(caught.value)


def encoded(
    url: str = URL,
    secrets: Mapping[str, str] | None = None,
    endpoint: Endpoint = Endpoint.CHAT,
    **fields: object,
) -> UpstreamRequest:
    return build(config(url, **fields), secrets or {}).encode(endpoint, b'{"model": "m"}')


@pytest.mark.parametrize(
    ("url", "sent_to"),
    [
        (URL, "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com", "https://api.example.com/chat/completions"),
        ("http://127.0.0.1:8080//", "http://127.0.0.1:8080/chat/completions"),
        ("http://[::1]:9/a%20b/v1", "http://[::1]:9/a%20b/v1/chat/completions"),
        ("HTTP://Host_1.local/openai/v1", "HTTP://Host_1.local/openai/v1/chat/completions"),
    ],
)
def test_the_endpoint_is_below_the_base_url(url: str, sent_to: str) -> None:
    assert encoded(url).url == sent_to


def test_a_request_as_it_is_sent() -> None:
    request = encoded(secrets={"apiKey": "sk-1"}, endpoint=Endpoint.EMBEDDINGS, headers={"X-Team": "a b"})
    assert (request.method, request.url, request.body) == ("POST", f"{URL}/embeddings", b'{"model": "m"}')
    assert dict(request.headers) == {
        "user-agent": f"routerctl/{__version__}",
        "x-team": "a b",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "authorization": "Bearer sk-1",
    }


def test_without_a_key_nothing_is_claimed() -> None:
    assert "authorization" not in dict(encoded().headers)


def test_the_user_agent_may_be_another() -> None:
    assert dict(encoded(headers={"User-Agent": "acme"}).headers)["user-agent"] == "acme"


def test_what_was_written_is_kept() -> None:
    assert config("https://api.example.com/v1/").baseURL == "https://api.example.com/v1/"
    assert (config().timeout, config().connectTimeout, config().headers) == ("120s", "5s", {})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "file:///etc/passwd",
        "gopher://host/",
        "ftp://host/",
        "unix:/run/x",
        "https:///v1",
        "https://",
        "https://user@host/v1",
        "https://user:canary@host/v1",
        "https://host/v1?canary=1",
        "https://host/v1#canary",
        "https://host/v1?",
        "https://host/v1#",
        "https://ho st/v1",
        "https://host/v 1",
        "https://host/v1\r\nx-injected: 1",
        "https://host/v1\n",
        " https://host/v1",
        "https://host\\@evil/v1",
        "https://host/\\v1",
        "https://höst/v1",
        "https://host/é",
        "https://host:0/v1",
        "https://host:99999/v1",
        "https://host:x/v1",
        "https://host./v1",
        "https://.host/v1",
        "https://a..b/v1",
        "https://-a/v1",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://1.2.3.4.5/",
        "http://1.2.3.256/",
        "http://[::1/",
        "http://[::x]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1]evil/",
        "http://evil[::1]/",
        "http://1.2.3.4]/",
        "https://host/../admin",
        "https://host/v1/./x",
        "https://host/%2e%2E/admin",
        "https://host/a%2f..%2Fadmin",
        "https://host/" + "a" * 2048,
        "https://" + "a" * 64 + ".com/",
    ],
)
def test_a_base_url_that_could_mislead_is_refused(url: str) -> None:
    message = refusal(url)
    assert "baseURL" in message
    assert "canary" not in message


@pytest.mark.parametrize("url", ["https://192.168.1.5:8443/v1", "http://xn--hst-sna.example", "http://a1.2b"])
def test_hosts_that_are_fine(url: str) -> None:
    assert config(url).baseURL == url


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Authorization": "canary"}, "apiKey"),
        ({"x-api-key": "canary"}, "apiKey"),
        ({"Cookie": "canary"}, "apiKey"),
        ({"Host": "canary"}, "gateway itself"),
        ({"content-length": "canary"}, "gateway itself"),
        ({"Transfer-Encoding": "canary"}, "gateway itself"),
        ({"Connection": "canary"}, "gateway itself"),
        ({"x a": "canary"}, "name of a header"),
        ({"": "canary"}, "name of a header"),
        ({"x\r\ny": "canary"}, "name of a header"),
        ({"é": "canary"}, "name of a header"),
        ({"x": "canary\r\ny: 1"}, "printable ASCII"),
        ({"x": "canary\n"}, "printable ASCII"),
        ({"x": " canary"}, "printable ASCII"),
        ({"x": "canary\0"}, "printable ASCII"),
        ({"x": "canaré"}, "printable ASCII"),
        ({"x": "canary" * 2000}, "printable ASCII"),
        ({"x-a": "canary", "X-A": "2"}, "differ only in case"),
        ({f"x-{number}": "canary" for number in range(65)}, "at most 64"),
        ({"x": 1}, "string"),
        ("canary", "dictionary"),
    ],
)
def test_headers_that_could_do_harm_are_refused(headers: object, word: str) -> None:
    message = refusal(headers=headers)
    assert word in message
    assert "canary" not in message


@pytest.mark.parametrize("key", ["", "sk\n", "sk\r\nx: y", " sk", "sk ", "ské", "s\0k", "k" * 9000])
def test_a_key_that_no_header_can_hold_is_refused_unseen(key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        build(config(), {"apiKey": key})
    assert not key or key not in str(caught.value)


def test_nothing_shows_the_key() -> None:
    adapter = build(config(), {"apiKey": "sk-canary"})
    assert "canary" not in repr(adapter)
    assert "canary" not in repr(adapter.encode(Endpoint.CHAT, b"{}"))


@pytest.mark.parametrize(
    "fields", [{"timeout": 30}, {"timeout": 0}, {"baseUrl": URL}, {"apiKey": 5}, {"connectTimeout": "x"}]
)
def test_other_fields_are_checked(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OpenAICompatibleConfig.model_validate({"baseURL": URL, **fields})


def test_a_foreign_config_is_a_bug() -> None:
    with pytest.raises(TypeError):
        build(SimulatorConfig(), {})


def messages_headers(passed: tuple[tuple[str, str], ...] = (), **config: object) -> dict[str, str]:
    config = {"baseURL": "https://api.example.com/v1", **config}
    adapter = build(OpenAICompatibleConfig.model_validate(config), {"apiKey": "sk-1"})
    return dict(adapter.encode(Endpoint.MESSAGES, b"{}", passed).headers)


def test_messages_bear_the_key_and_the_version_as_anthropic_wants_them() -> None:
    headers = messages_headers()
    assert (headers["x-api-key"], headers["authorization"]) == ("sk-1", "Bearer sk-1")
    assert headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in headers


def test_the_clients_version_goes_on_unless_the_manifest_says_another() -> None:
    passed = (("anthropic-beta", "b"), ("anthropic-version", "2026-10-21"))
    headers = messages_headers(passed)
    assert (headers["anthropic-version"], headers["anthropic-beta"]) == ("2026-10-21", "b")
    headers = messages_headers(passed, headers={"Anthropic-Version": "2025-01-01"})
    assert (headers["anthropic-version"], headers["anthropic-beta"]) == ("2025-01-01", "b")


def test_without_a_key_none_is_sent() -> None:
    adapter = build(OpenAICompatibleConfig.model_validate({"baseURL": "http://a.test"}), {})
    assert "x-api-key" not in dict(adapter.encode(Endpoint.MESSAGES, b"{}").headers)


def test_a_form_keeps_its_boundary_and_sounds_are_accepted() -> None:
    adapter = build(OpenAICompatibleConfig.model_validate({"baseURL": "http://a.test"}), {})
    boundary = ("content-type", "multipart/form-data; boundary=b")
    headers = dict(adapter.encode(Endpoint.TRANSCRIPTIONS, b"", (boundary,)).headers)
    assert (headers["content-type"], headers["accept"]) == (boundary[1], "*/*")
    headers = dict(adapter.encode(Endpoint.IMAGE_EDITS, b"", (boundary,)).headers)
    assert headers["content-type"] == boundary[1]


def test_usual_requests_share_one_object_of_headers() -> None:
    adapter = build(OpenAICompatibleConfig.model_validate({"baseURL": "http://a.test"}), {})
    headers = adapter.encode(Endpoint.CHAT, b"").headers
    for endpoint in (Endpoint.CHAT, Endpoint.RESPONSES, Endpoint.IMAGE_EDITS):
        assert adapter.encode(endpoint, b"").headers is headers


@pytest.mark.parametrize(
    ("path", "sent_to"),
    [(None, "https://h:8/v1/models"), ("/health?deep=1", "https://h:8/health?deep=1")],
)
def test_a_probe_asks_as_traffic_does(path: str | None, sent_to: str) -> None:
    adapter = build(config("https://h:8/v1/", headers={"X-Team": "a"}), {"apiKey": "sk-canary"})
    assert adapter.probe(path) == UpstreamRequest(
        "GET",
        sent_to,
        (
            ("user-agent", f"routerctl/{__version__}"),
            ("x-team", "a"),
            ("authorization", "Bearer sk-canary"),
            ("accept", "*/*"),
        ),
        b"",
    )
