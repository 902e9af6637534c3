from datetime import UTC, datetime

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.providers import built, provider_findings
from reconciler.json_types import JsonObject
from reconciler.settings import Reach
from reconciler.store.reader import Reader
from reconciler.store.url import parse

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()


def found(routerctl: Routerctl) -> list[Finding]:
    location = parse(str(routerctl.db))
    with Reader(location.config_path) as reader:
        state = reader.state()
        return list(provider_findings(state, built(location, reader, state, Reach(), {}), NOW))


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
        ("https://a.example", "qwen-proxy", ""),
    ],
)
def test_base_urls_are_judged_by_their_form(routerctl: Routerctl, url: str, kind: str, words: str) -> None:
    routerctl.apply(openai("p", url, kind=kind))
    told = [each for each in found(routerctl) if each.check == "base-url"]
    assert len(told) == bool(words)
    assert all(words in each.message and each.level == "warning" for each in told)


def test_what_a_program_or_a_session_lacks_is_told(routerctl: Routerctl) -> None:
    key: JsonObject = {"valueFrom": {"env": "A_TOKEN"}}
    session: JsonObject = {
        "unofficial": True,
        "token": "t",
        "cookies": "a=b",
        "expiresAt": "2026-11-23T00:00:00Z",
    }
    routerctl.apply(
        manifest("Provider", "gone", {"type": "cli", "config": {"executable": "no-such-program-anywhere"}}),
        manifest("Provider", "closed", {"type": "cli", "config": {"executable": "/bin/sh"}}),
        manifest(
            "Provider", "web", {"type": "qwen-direct", "config": {**session, "token": key, "cookies": key}}
        ),
        openai("good", "https://a.example/v1"),
    )
    told = [f"{each.level} {each.message}" for each in found(routerctl)]
    assert any("no program no-such-program-anywhere in PATH" in each for each in told)
    assert any("--allow-exec" in each for each in told)
    assert "warning Provider/web: its credentials hold until 2026-11-23T00:00:00Z, which is in 24 h" in told
