import io
import sys
from pathlib import Path

import pytest

from reconciler.cli.provider_draft import Draft, begun
from reconciler.cli.provider_wizard import ask_begin, ask_key, ask_new
from reconciler.control.imperative.providing import Linked
from reconciler.control.provider_templates import TEMPLATES


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_what_was_said_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    assert ask_begin("x", TEMPLATES["groq"], None) == ("x", TEMPLATES["groq"], None)
    said = {("displayName",), ("config", "baseURL"), ("config", "apiKey"), ("priority",)}
    draft = Draft("x", {"type": "ollama"}, (Linked("m"),))
    assert ask_new(draft, None, known=(), asked=said) == draft


def test_a_name_is_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers(monkeypatch, "other", "ollama", "my gpu", "", "gpu")
    assert ask_begin(None, None, None) == ("gpu", None, "ollama")
    assert "such as my-gpu" in capsys.readouterr().err


def test_models_that_are_there_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "", "", "none", "", "m, n", "none")
    draft = ask_new(begun(None, TEMPLATES["ollama"], None), TEMPLATES["ollama"], known={"m"}, asked=())
    assert draft.models == (Linked("m"), Linked("n"))
    assert "Models that are there: m" in capsys.readouterr().err


def test_where_a_key_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1\n")
    answers(monkeypatch, "", "", "variable", "", "A_KEY", "file", "", f"{tmp_path}/key", "none")
    assert ask_key("B_KEY") == {"valueFrom": {"env": "B_KEY"}}
    assert ask_key(None) == {"valueFrom": {"env": "A_KEY"}}
    assert ask_key(None) == "sk-1"
    assert ask_key(None) is None
