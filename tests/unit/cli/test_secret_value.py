import io
import os
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli.secret_value import read_value
from reconciler.errors import InvalidInput
from reconciler.secrets.sealing import LARGEST_VALUE


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def piped(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"x", "x"), (b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (" é ".encode(), " é ")],
)
def test_a_value_is_what_was_given_without_one_line_end(
    content: bytes, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "value"
    file.write_bytes(content)
    assert read_value(file).reveal() == value
    monkeypatch.setattr(sys, "stdin", piped(content))
    assert read_value(None).reveal() == value


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\n", "empty"), (b"canary" * LARGEST_VALUE, "larger"), (b"canary\xff", "not UTF-8")],
)
def test_what_is_no_value_is_not_repeated(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", piped(content))
    with pytest.raises(InvalidInput, match=words) as refused:
        read_value(None)
    assert "canary" not in str(refused.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        ("none", "no such file"),
        (".", "no regular file"),
        ("pipe", "no regular file"),
        ("a\0b", "not a usable path"),
    ):
        with pytest.raises(InvalidInput, match=words):
            read_value(tmp_path / path)


def test_a_person_is_asked_without_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options["hide_input"]))
        return "typed"

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert read_value(None).reveal() == "typed"
    assert asked == [("Value", True)]
