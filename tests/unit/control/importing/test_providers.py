import pytest
from fakes.importing import losses, specs, without_types

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.providers import base_url, complete_session, enabled, expiry, provider


def test_a_type_that_is_not_there_yet_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "qwen-direct")
    collector = Collector("f", "form")
    assert provider(collector, "p", "qwen-direct", "kind") is None
    base_url(collector.draft("Provider", "q", "q"), "qwen-direct", "http://x", "url")
    assert "qwen-direct" in losses(collector.findings())["kind"]


def test_an_equivalent_that_does_not_do_is_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "qwen-proxy")
    collector = Collector("f", "form")
    draft = provider(collector, "p", "qwen-proxy", "kind")
    assert draft is not None
    base_url(draft, "qwen-proxy", "http://localhost:3000/", "url")
    enabled(draft, value=True, field="enabled")
    found = collector.findings()
    assert specs(found)["Provider/p"]["enabled"] is False
    assert specs(found)["Provider/p"]["config"] == {"baseURL": "http://localhost:3000/v1"}
    assert "disabled" in found.warnings[0]


def test_one_that_does_is_as_the_source_has_it() -> None:
    collector = Collector("f", "form")
    draft = provider(collector, "p", "lm-studio", "kind")
    assert draft is not None
    base_url(draft, "lm-studio", "http://x/v1/", "url")
    enabled(draft, value=False, field="enabled")
    found = collector.findings()
    assert specs(found) == {
        "Provider/p": {"type": "lm-studio", "enabled": False, "config": {"baseURL": "http://x/v1"}}
    }
    assert found.losses == ()


def test_a_web_session_says_that_it_is_unofficial_and_waits_for_what_it_lacks() -> None:
    collector = Collector("f", "form")
    draft = provider(collector, "web", "qwen-direct", "kind")
    assert draft is not None
    draft.secret("config.token", "t", "WEB_TOKEN", "token")
    complete_session(collector, draft)
    found = collector.findings()
    assert specs(found)["Provider/web"] == {
        "type": "qwen-direct",
        "enabled": False,
        "config": {
            "unofficial": True,
            "token": {"valueFrom": {"env": "WEB_TOKEN"}},
            "cookies": {"valueFrom": {"env": "WEB_COOKIES_TOKEN"}},
        },
    }
    assert ["unofficial" in found.warnings[0], "no value of cookies" in found.warnings[1]] == [True, True]
    complete_session(collector, draft)
    assert len(collector.findings().warnings) == 2


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (1_767_225_600_000, "2026-01-01T00:00:00Z"),
        (1_767_225_600, "2026-01-01T00:00:00Z"),
        (0, None),
        (None, None),
        (10**18, None),
    ],
)
def test_when_a_session_ends_is_told_as_manifests_do(written: int | None, told: str | None) -> None:
    assert expiry(written) == told
