import pytest
from fakes.importing import losses, specs, without_types

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.providers import base_url, enabled, provider


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
