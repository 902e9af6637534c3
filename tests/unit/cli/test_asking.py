import io
import sys

import pytest

from reconciler.cli import asking
from reconciler.errors import InvalidInput


def answering(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_nobody_answers_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    assert not asking.somebody_answers()


def test_the_default_and_what_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(text: str) -> None:
        if text == "bad":
            raise InvalidInput("it is bad", hint="be good")

    answering(monkeypatch, "", "bad", " good ")
    assert asking.ask("Name", "openai") == "openai"
    assert asking.ask("Word", check=check) == "good"
    shown = capsys.readouterr()
    assert (shown.out, "it is bad\n  be good" in shown.err) == ("", True)


def test_one_of_some_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answering(monkeypatch, "opnai", "zzz", "groq")
    assert asking.choose("Which", ["openai", "groq"]) == "groq"
    shown = capsys.readouterr().err
    assert "did you mean openai?" in shown
    assert "one of openai, groq" in shown


def test_yes_or_no(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "y", "")
    assert asking.ask_yes("Sure?")
    assert not asking.ask_yes("Sure?")


def test_a_secret_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "sk-1")
    found = asking.ask_secret("Key")
    assert found is not None
    assert found.reveal() == "sk-1"
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "")
    assert asking.ask_secret("Key") is None
