import io
import sys
from pathlib import Path

import pytest

from reconciler.cli.migrate_asking import Aim, names_for, pairs, somebody_answers, where_to, which_of
from reconciler.control.importing.env import import_env
from reconciler.control.importing.findings import Findings
from reconciler.errors import InvalidInput

ONE = import_env("LM_STUDIO_BASE_URL=http://x", "one")
TWO = import_env("QWEN_PROXY_BASE_URL=http://x", "two")
AIM = Aim(False, Path("manifests"))


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_choice_is_asked_for_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert which_of([ONE]) == [ONE]
    types(monkeypatch, "")
    assert which_of([ONE, TWO]) == [ONE, TWO]
    types(monkeypatch, "5", "x", "2, 2")
    assert which_of([ONE, TWO]) == [TWO]
    out = capsys.readouterr().out
    assert "1. one: environment file" in out
    assert "numbers from 1 to 2" in out


def test_it_goes_where_somebody_says(monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch, "", "config")
    assert where_to(AIM) == Aim(False, Path("config"))
    types(monkeypatch, "store")
    assert where_to(AIM) == Aim(True, Path("manifests"))
    types(monkeypatch, "")
    assert where_to(Aim(True, Path("m"))).applies


def test_names_are_asked_for_until_they_are_pairs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names_for(Findings()) == {}
    types(monkeypatch, "desk", "lm-studio-default=desk")
    assert names_for(ONE) == {"lm-studio-default": "desk"}
    assert "no pair of names" in capsys.readouterr().out
    types(monkeypatch, "")
    assert names_for(ONE) == {}


@pytest.mark.parametrize("written", ["a", "=b", "a="])
def test_half_a_pair_is_none(written: str) -> None:
    with pytest.raises(InvalidInput, match="no pair"):
        pairs([written])


def test_a_pipe_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch, "")
    assert not somebody_answers()
