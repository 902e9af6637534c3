from pathlib import Path

import click
import pytest
from fakes.store import commit_all, provider, put

from reconciler.cli.revision_words import HEAD, RevisionName, RevisionOrPlan, RevisionWord
from reconciler.errors import NotFound
from reconciler.store.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))], [put(provider("b"))], [put(provider("c"))])
    return path


@pytest.mark.parametrize(("word", "number"), [("2", 2), ("9", 9), ("head", 3), ("HEAD~0", 3), ("head~2", 1)])
def test_a_revision_by_its_name(path: Path, word: str, number: int) -> None:
    with Reader(path) as reader:
        assert RevisionWord().convert(word, None, None).number(reader) == number


def test_what_was_read_already_stays() -> None:
    assert RevisionWord().convert(HEAD, None, None) is HEAD
    assert RevisionWord(zero=True).convert("0", None, None) == RevisionName(0)


@pytest.mark.parametrize("word", ["", "-1", "0", "head~", "head~x", "tail", "1.5", "head^"])
def test_what_names_no_revision(word: str) -> None:
    with pytest.raises(click.BadParameter):
        RevisionWord().convert(word, None, None)


def test_a_way_back_that_is_too_long(path: Path, tmp_path: Path) -> None:
    with Reader(path) as reader, pytest.raises(NotFound, match="head~3 is before the first revision"):
        RevisionName(back=3).number(reader)
    commit_all(tmp_path / "empty.db")
    with Reader(tmp_path / "empty.db") as reader, pytest.raises(NotFound, match="no revision yet"):
        HEAD.number(reader)


def test_what_is_no_revision_may_be_a_plan(tmp_path: Path) -> None:
    (tmp_path / "plan").touch()
    for word in (str(tmp_path / "plan"), "-", "none.json"):
        assert RevisionOrPlan().convert(word, None, None) == word
    for name in ("7", "head~2", HEAD):
        assert RevisionOrPlan().convert(name, None, None) == RevisionWord().convert(name, None, None)
    for word in ("0", "zzz"):
        with pytest.raises(click.BadParameter):
            RevisionOrPlan().convert(word, None, None)
