import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.bootstrap.doctor.finding import Finding
from reconciler.bootstrap.doctor.providers import built, provider_findings
from reconciler.settings import Reach
from reconciler.store.reader import Reader
from reconciler.store.url import parse


def found(routerctl: Routerctl) -> list[Finding]:
    location = parse(str(routerctl.db))
    with Reader(location.config_path) as reader:
        state = reader.state()
        return list(provider_findings(state, built(location, reader, state, Reach(), {})))


def openai(name: str, url: str, key: object = "sk-literal", kind: str = "openai-compatible") -> str:
    return manifest("Provider", name, {"type": kind, "config": {"baseURL": url, "apiKey": key}})  # type: ignore[dict-item]  # JSON


def test_what_would_be_refused_here_and_what_would_not(routerctl: Routerctl) -> None:
    lacking = openai("lacking", "https://a.example/v1", {"valueFrom": {"env": "GONE_API_KEY"}})
    reaching = openai("reaching", "https://a.example/v1", {"valueFrom": {"file": "/etc/passwd"}})
    routerctl.apply(served("m"), lacking, reaching, openai("good", "https://a.example/v1"))
    first, second, good = found(routerctl)
    assert [each.check for each in (first, second)] == ["secrets", "secrets"]
    assert "Provider/lacking: the variable GONE_API_KEY is not set" in first.message
    assert "--allow-file" in second.message
    assert good.message == "2 of 4 Providers can be built here, secrets resolved"


def test_without_providers_there_is_nothing_to_say(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m"))
    assert found(routerctl) == []


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("https://a.example", "openai-compatible", "has no path"),
        ("https://a.example/v1/chat/completions", "openai-compatible", "ends in an endpoint"),
        ("https://a.example/v1/v1", "openai-compatible", "names a version twice"),
        ("https://a.example/v1", "openai-compatible", ""),
        ("https://a.example/openai", "openai-compatible", ""),
        ("https://a.example", "lm-studio", ""),
    ],
)
def test_base_urls_are_judged_by_their_form(routerctl: Routerctl, url: str, kind: str, words: str) -> None:
    routerctl.apply(openai("p", url, kind=kind))
    told = [each for each in found(routerctl) if each.check == "base-url"]
    assert len(told) == bool(words)
    assert all(words in each.message and each.level == "warning" for each in told)
