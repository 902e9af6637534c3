import pytest
from fakes.importing import without_types

from reconciler.control.importing.foreign_types import FOREIGN_TYPES, as_it_is, choose, with_version


@pytest.mark.parametrize("foreign", ["lm-studio", "ollama", "dashscope", "openai-compatible"])
def test_a_type_that_is_there_is_taken(foreign: str) -> None:
    choice = choose(foreign)
    assert choice is not None
    assert choice == (FOREIGN_TYPES[foreign].type, as_it_is, "", True)


def test_an_equivalent_stands_in_and_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "ollama", "qwen-proxy")
    ollama, proxy = choose("ollama"), choose("qwen-proxy")
    assert ollama is not None
    assert ollama.type == "openai-compatible"
    assert ollama.works
    assert ollama.base_url("http://x:1/") == "http://x:1/v1"
    assert proxy is not None
    assert not proxy.works
    assert "qwen-proxy" in proxy.lacks


def test_without_an_equivalent_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "qwen-direct", "ollama", "openai-compatible")
    assert choose("qwen-direct") is None
    assert choose("ollama") is None
    assert choose("what") is None


def test_a_version_is_added_once() -> None:
    assert (
        with_version("http://x/v1")
        == with_version("http://x")
        == with_version("http://x/v1/")
        == "http://x/v1"
    )
