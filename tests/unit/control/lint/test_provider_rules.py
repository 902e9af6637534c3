import pytest
from fakes.linting import ids, linted


def provider(config: str, provider_type: str = "openai-compatible") -> str:
    return f"kind: Provider\nmetadata: {{name: p}}\nspec:\n  type: {provider_type}\n  config: {{{config}}}\n"


def found(config: str, provider_type: str = "openai-compatible") -> list[str]:
    return [name for name in ids(linted(provider(config, provider_type))) if name != "unused-provider"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "127.0.0.1", "10.1.2.3", "192.168.0.9", "[::1]", "[fd00::1]", "ollama", "gpu.local",
        "llm.internal", "llm.prod.svc", "llm.prod.svc.cluster.local", "host.docker.internal", "a.home.arpa", "a.lan",
    ],
)  # fmt: skip
def test_http_inside_the_own_network_is_fine(host: str) -> None:
    assert found(f'baseURL: "http://{host}:8000/v1"') == []


@pytest.mark.parametrize(
    "url", ["http://llm.acme.com/v1", "HTTP://api.example.com/v1", "http://8.8.8.8/v1", "http://[2600::1]/v1"]
)
def test_http_to_the_internet_is_not(url: str) -> None:
    assert found(f'baseURL: "{url}"') == ["http-to-public-host"]
    assert found(f'baseURL: "https{url[4:]}"') == []


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/", "https://a.example//"])
def test_a_base_url_without_a_path(url: str) -> None:
    assert found(f'baseURL: "{url}"') == ["base-url-without-version"]
    assert found(f'baseURL: "{url}"', "lm-studio") == []


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/chat/completions/", "/v1/embeddings", "/v1/models"]
)
def test_a_base_url_that_ends_in_an_endpoint(path: str) -> None:
    assert found(f'baseURL: "https://a.example{path}"') == ["base-url-with-endpoint"]


@pytest.mark.parametrize("path", ["/api/chat", "/api/tags", "/api/embed"])
def test_a_base_url_that_ends_in_an_endpoint_of_ollama(path: str) -> None:
    assert found(f'baseURL: "http://gpu:11434{path}"', "ollama") == ["base-url-with-endpoint"]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://localhost:11434/api", "openai-compatible"),
        ("http://gpu.lan:11434/api/", "openai-compatible"),
        ("https://dashscope.aliyuncs.com/api/v1", "dashscope"),
    ],
)
def test_a_base_url_of_the_servers_other_interface(url: str, kind: str) -> None:
    assert found(f'baseURL: "{url}"', kind) == ["base-url-of-another-interface"]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://localhost:11434/v1", "openai-compatible"),
        ("https://webui.lan/api", "openai-compatible"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://dashscope-us.aliyuncs.com", "dashscope"),
        ("http://localhost:11434", "ollama"),
        ("http://localhost:11434/ollama", "ollama"),
    ],
)
def test_base_urls_of_the_right_interface(url: str, kind: str) -> None:
    assert found(f'baseURL: "{url}"', kind) == []


@pytest.mark.parametrize("suffix", ["/v1", "/v1/", "/api", "/proxied/api"])
def test_what_type_ollama_leaves_out(suffix: str) -> None:
    assert found(f'baseURL: "http://localhost:11434{suffix}"', "ollama") == ["base-url-suffix-without-effect"]


def test_any_other_path_is_fine() -> None:
    assert found('baseURL: "https://a.example/openai/deployments/gpt"') == []


@pytest.mark.parametrize(
    "name", ["X-Access-Token", "x-secret", "X-Auth", "x-my-apikey", "x_api_key2", "Password"]
)
def test_a_header_that_sounds_like_a_credential(name: str) -> None:
    assert found(f'baseURL: "https://a.example/v1", headers: {{{name}: v}}') == ["credential-in-header"]


@pytest.mark.parametrize(("value", "expected"), [("abc", 1), ("a{model}", 1), ("{header.X-Token}", 0)])
def test_a_binding_may_pass_on_what_its_client_sends(value: str, expected: int) -> None:
    text = f"""\
kind: Binding
metadata: {{name: b}}
spec: {{model: m, provider: p, config: {{headers: {{X-Token: "{value}"}}}}}}
"""
    assert ids(linted(text)).count("credential-in-header") == expected


@pytest.mark.parametrize("name", ["OpenAI-Organization", "X-Author", "HTTP-Referer", "X-Team"])
def test_other_headers_are_fine(name: str) -> None:
    assert found(f'baseURL: "https://a.example/v1", headers: {{{name}: v}}') == []


def test_no_value_of_a_header_is_told() -> None:
    text = provider('baseURL: "https://a.example/v1", headers: {X-Token: canary}')
    assert "canary" not in "".join(str(finding) for finding in linted(text).findings)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("timeout: 5s", []),
        ("timeout: 4999ms", ["timeout-too-short"]),
        ("timeout: 600000", []),
        ("timeout: 10m1ms", ["timeout-too-long"]),
        ("connectTimeout: 100ms", []),
        ("connectTimeout: 99ms", ["timeout-too-short"]),
        ("connectTimeout: 30s", []),
        ("connectTimeout: 31s", ["timeout-too-long"]),
        ("timeout: 10s, connectTimeout: 11s", ["timeout-too-long"]),
    ],
)
def test_timeouts(config: str, expected: list[str]) -> None:
    assert found(f'baseURL: "https://a.example/v1", {config}') == expected
