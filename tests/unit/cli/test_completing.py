from threading import Event

import click
import pytest
from fakes.command import Routerctl, served

from reconciler.cli import completing
from reconciler.settings import COMPLETE


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("openai"), served("ollama"))
    return routerctl


def words(routerctl: Routerctl, *line: str, db: bool = True) -> list[str]:
    """What may stand in place of the last word."""
    store = ("--db", str(routerctl.db)) if db else ()
    typed = ("routerctl", *store, *line)
    routerctl.monkeypatch.setenv(COMPLETE, "bash_complete")
    routerctl.monkeypatch.setenv("COMP_WORDS", " ".join(typed))
    routerctl.monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))
    done = routerctl.plain()
    assert (done.code, done.err) == (0, "")
    return [each.partition(",")[2] or each for each in done.out.splitlines() if each]


_NEXT: list[tuple[tuple[str, ...], list[str]]] = [
    (("prov",), ["provider"]),
    (("provider", "e"), ["edit", "enable"]),
    (("set", "o"), ["ollama", "openai"]),
    (("provider", "edit", "op"), ["openai"]),
    (("test", "ol"), ["ollama"]),
    (("model", "link", "openai", "ol"), ["ollama"]),
    (("get", "prov"), ["providers", "provider/"]),
    (("get", "provider/o"), ["provider/ollama", "provider/openai"]),
    (("get", "provider", "op"), ["openai"]),
    (("describe", "nokind/x"), []),
    (("get", "-n", "d"), ["default"]),
    (("get", "providers", "-o", "j"), ["json", "jsonpath="]),
    (("provider", "add", "--template", "ol"), ["ollama"]),
    (("provider", "add", "x", "--type", "lm"), ["lm-studio"]),
    (("init", "--template", "gr"), ["groq"]),
    (("history", "ve"), ["verify"]),
    (("get", "-n", "default", "model/op"), ["model/openai"]),
]


def test_what_may_come_next(filled: Routerctl) -> None:
    told = {line: words(filled, *line) for line, _ in _NEXT}
    assert told == dict(_NEXT)


def test_a_path_is_the_shells(filled: Routerctl) -> None:
    assert words(filled, "apply", "-f", "ma") == ["ma"]


def test_a_source(filled: Routerctl) -> None:
    assert words(filled, "export", "--source", "/") == [str(filled.manifests)]


def test_it_says_nothing_where_there_is_no_store(routerctl: Routerctl) -> None:
    for line in (("set", "o"), ("get", "provider/"), ("nonsense", "x"), ("get", "-n", "d")):
        assert words(routerctl, *line) == []
    assert not routerctl.db.exists()


def test_nor_where_what_is_asked_is_odd(routerctl: Routerctl) -> None:
    assert completing.complete(click.Command("x"), "tcsh_complete") == 0
    assert completing.complete(click.Command("x"), "bash_complete") == 0


def test_who_does_not_answer_in_time_has_no_names(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()
    monkeypatch.setattr(completing, "PATIENCE", 0.0)
    monkeypatch.setattr(completing, "_ask", lambda *_: ["openai"] if answers.wait(10) else [])
    assert words(filled, "set", "o") == []
    answers.set()
