"""Rules on one Provider: where it is, what it is sent, how long it may take."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from reconciler.control.lint.declarations import Declarations, config_of
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey

_BASE_URL = ("spec", "config", "baseURL")
_PRIVATE_SUFFIXES = (
    ".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".corp", ".intranet", ".test", ".svc",
)  # fmt: skip
_ENDPOINT = re.compile(
    r"/(chat/completions|completions|embeddings|responses|messages|models|api/(chat|generate|embed|tags))$"
)
_OLLAMA_PORT = 11434
_CREDENTIAL = re.compile(r"token|secret|passw|credential|api[-_]?key|(^|[-_])auth([-_]|$)", re.IGNORECASE)
_PASSED_ON = re.compile(r"\{[^{}]*\}")
"""A Binding's value that holds nothing by itself."""
_SHORTEST = {"timeout": 5_000, "connectTimeout": 100}
_LONGEST = {"timeout": 600_000, "connectTimeout": 30_000}


def _urls(files: Declarations) -> Iterator[tuple[Resource, SplitResult]]:
    for provider in files.of_kind("Provider"):
        written = config_of(provider).get("baseURL")
        if isinstance(written, str):
            yield provider, urlsplit(written)


def _http_to_public_host(files: Declarations) -> Iterator[Remark]:
    for provider, url in _urls(files):
        if url.scheme.lower() == "http" and _is_public(url.hostname or ""):
            yield Remark(
                provider.key, _BASE_URL, f"plain http to the public host {url.hostname}", "write https://"
            )


def _is_public(host: str) -> bool:
    """Whether requests leave the network: a name without a dot, or an address that is not routed, does not."""
    try:
        return ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not f".{name}".endswith((*_PRIVATE_SUFFIXES, ".cluster.local"))


def _without_version(files: Declarations) -> Iterator[Remark]:
    for provider, url in _urls(files):
        if provider.spec.get("type") == "openai-compatible" and not url.path.strip("/"):
            yield Remark(
                provider.key,
                _BASE_URL,
                "has no path: requests go to /chat/completions at its root",
                "most upstreams want a version: write .../v1",
            )


def _with_endpoint(files: Declarations) -> Iterator[Remark]:
    for provider, url in _urls(files):
        found = _ENDPOINT.search(url.path.rstrip("/"))
        if found is not None:
            added = "/api/chat" if provider.spec.get("type") == "ollama" else "/chat/completions"
            yield Remark(
                provider.key,
                _BASE_URL,
                f"ends in an endpoint: requests would go to {found[0]}{added}",
                f"leave {found[0]} out",
            )


def _of_another_interface(files: Declarations) -> Iterator[Remark]:
    for provider, url in _urls(files):
        path, kind = url.path.rstrip("/"), provider.spec.get("type")
        if kind == "openai-compatible" and path == "/api" and url.netloc.endswith(f":{_OLLAMA_PORT}"):
            message = "is where Ollama's own interface is; OpenAI's is below /v1"
            yield Remark(provider.key, _BASE_URL, message, "write type: ollama, or .../v1")
        elif kind == "dashscope" and path and "/compatible-mode/" not in f"{path}/":
            message = "is not where DashScope's OpenAI-compatible mode is"
            yield Remark(provider.key, _BASE_URL, message, "write .../compatible-mode/v1, or no path")


def _suffix_without_effect(files: Declarations) -> Iterator[Remark]:
    for provider, url in _urls(files):
        found = re.search(r"/(v1|api)/*$", url.path)
        if provider.spec.get("type") == "ollama" and found is not None:
            message = f"{found[0]} is left out: the gateway asks below /api, and below /v1, by itself"
            yield Remark(provider.key, _BASE_URL, message, "write where the server is, without it")


def _credential_in_header(files: Declarations) -> Iterator[Remark]:
    for kind in ("Provider", "Binding"):
        for resource in files.of_kind(kind):
            headers = config_of(resource).get("headers")
            for name, value in headers.items() if isinstance(headers, dict) else ():
                if _CREDENTIAL.search(name) and not (kind == "Binding" and _PASSED_ON.fullmatch(str(value))):
                    yield Remark(
                        resource.key,
                        ("spec", "config", "headers", name),
                        "by its name it holds a credential; headers are stored and shown as they are written",
                        "use apiKey of the Provider, which is kept secret",
                    )


def _timeouts(provider: Resource) -> Iterator[tuple[str, int]]:
    for field in _SHORTEST:
        value = _milliseconds(config_of(provider).get(field))
        if value is not None:
            yield field, value


def _milliseconds(written: JsonValue) -> int | None:
    return milliseconds(written) if isinstance(written, str | int) else None


def _too_short(files: Declarations) -> Iterator[Remark]:
    for provider in files.of_kind("Provider"):
        for field, value in _timeouts(provider):
            if value < _SHORTEST[field]:
                least = f"{_SHORTEST[field]} ms"
                yield _timeout(provider.key, field, f"{value} ms is short: a slow answer fails", least)


def _too_long(files: Declarations) -> Iterator[Remark]:
    for provider in files.of_kind("Provider"):
        given = dict(_timeouts(provider))
        for field, value in given.items():
            if value > _LONGEST[field]:
                waited = f"{value // 1000} s is long: so long clients wait before the next provider is tried"
                yield _timeout(provider.key, field, waited, f"{_LONGEST[field] // 1000} s", most=True)
        connect, total = given.get("connectTimeout"), given.get("timeout", 120_000)
        if connect is not None and connect > total:
            message = "is longer than timeout, which ends the wait before it"
            yield Remark(
                provider.key, ("spec", "config", "connectTimeout"), message, "write less than timeout"
            )


def _timeout(key: ResourceKey, field: str, message: str, bound: str, *, most: bool = False) -> Remark:
    return Remark(key, ("spec", "config", field), message, f"write at {'most' if most else 'least'} {bound}")


ROWS: tuple[Rule, ...] = (
    Rule(
        "http-to-public-host",
        Severity.WARNING,
        "Provider config.baseURL",
        "Plain http to a host on the internet.",
        "Prompts, answers and the API key can be read and changed on the way. Hosts of the own network don't count: "
        "names without a dot or in .local, .internal, .lan, .svc and the like, and addresses that are not routed.",
        """\
kind: Provider
metadata: {name: acme}
spec: {type: openai-compatible, config: {baseURL: "http://llm.acme.com/v1"}}
""",
        """\
kind: Provider
metadata: {name: acme}
spec: {type: openai-compatible, config: {baseURL: "https://llm.acme.com/v1"}}
""",
        _http_to_public_host,
    ),
    Rule(
        "base-url-without-version",
        Severity.WARNING,
        "Provider config.baseURL, type openai-compatible",
        "A base URL without a path.",
        "Endpoints are asked for below the base URL. Nearly every upstream has them below /v1 or another path, and "
        "answers 404 at its root. Type lm-studio adds /v1 by itself.",
        """\
kind: Provider
metadata: {name: openai}
spec: {type: openai-compatible, config: {baseURL: "https://api.openai.com"}}
""",
        """\
kind: Provider
metadata: {name: openai}
spec: {type: openai-compatible, config: {baseURL: "https://api.openai.com/v1"}}
""",
        _without_version,
    ),
    Rule(
        "base-url-with-endpoint",
        Severity.WARNING,
        "Provider config.baseURL",
        "A base URL that ends in an endpoint.",
        "The gateway adds the endpoint, so it would stand there twice and the upstream would answer 404.",
        """\
kind: Provider
metadata: {name: openai}
spec: {type: openai-compatible, config: {baseURL: "https://api.openai.com/v1/chat/completions"}}
""",
        """\
kind: Provider
metadata: {name: openai}
spec: {type: openai-compatible, config: {baseURL: "https://api.openai.com/v1"}}
""",
        _with_endpoint,
    ),
    Rule(
        "base-url-of-another-interface",
        Severity.WARNING,
        "Provider config.baseURL, types openai-compatible and dashscope",
        "A base URL below which OpenAI's interface is not, but another of the same server.",
        "Ollama has its own interface below /api and OpenAI's below /v1; DashScope has its own below /api/v1 and OpenAI's below "
        "/compatible-mode/v1. Requests of the one to the other are answered with 404.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: openai-compatible, config: {baseURL: "http://localhost:11434/api"}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: ollama, config: {baseURL: "http://localhost:11434"}}
""",
        _of_another_interface,
    ),
    Rule(
        "base-url-suffix-without-effect",
        Severity.INFO,
        "Provider config.baseURL, type ollama",
        "A base URL of type ollama that ends in /v1 or /api.",
        "Type ollama knows where each interface of the server is, and takes the base URL with and without it. Who reads the "
        "manifest may think that only that one is asked.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: ollama, config: {baseURL: "http://localhost:11434/v1"}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: ollama, config: {baseURL: "http://localhost:11434"}}
""",
        _suffix_without_effect,
    ),
    Rule(
        "credential-in-header",
        Severity.WARNING,
        "Provider and Binding config.headers",
        "A header that by its name holds a credential.",
        "Headers are configuration: stored, shown by get and diff, and exported as they are written. Only a secret "
        "field is sealed and masked. A header that merely sounds so deserves a comment that says it.",
        """\
kind: Provider
metadata: {name: acme}
spec:
  type: openai-compatible
  config: {baseURL: "https://llm.acme.com/v1", headers: {X-Access-Token: abc}}
""",
        """\
kind: Provider
metadata: {name: acme}
spec:
  type: openai-compatible
  config: {baseURL: "https://llm.acme.com/v1", apiKey: {valueFrom: {env: ACME_API_KEY}}}
""",
        _credential_in_header,
    ),
    Rule(
        "timeout-too-short",
        Severity.WARNING,
        "Provider config.timeout, config.connectTimeout",
        "A timeout below 5 s, or a connectTimeout below 100 ms.",
        "Models take seconds to their first byte, more under load or when they are loaded first. A short timeout turns "
        "a slow minute into failures, and each failure into another request to the next provider.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234", timeout: 2s}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234", timeout: 60s}}
""",
        _too_short,
    ),
    Rule(
        "timeout-too-long",
        Severity.WARNING,
        "Provider config.timeout, config.connectTimeout",
        "A timeout above 10 min, a connectTimeout above 30 s, or one that is longer than the timeout.",
        "A provider that hangs is given up only then: until then its clients wait, and no other provider is tried.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234", timeout: 2h}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234", timeout: 5m}}
""",
        _too_long,
    ),
)
