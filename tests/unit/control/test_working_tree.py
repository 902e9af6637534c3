from pathlib import Path

import pytest
from fakes.repository import Repository

from reconciler.control.working_tree import Checkout, answer, look


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("first", {"a.yaml": "a", "sub/b.yaml": "b", "sub/c d.json": "c", "README": "r"})
    return made


def test_a_whole_checkout_lacks_nothing(repository: Repository) -> None:
    assert look(repository.folder) == Checkout()


def test_what_is_gone_without_a_word_to_git_is_missing(repository: Repository) -> None:
    for name in ("sub/b.yaml", "sub/c d.json", "README"):
        (repository.folder / name).unlink()
    repository.git("rm", "--quiet", "a.yaml")
    assert look(repository.folder).missing == {"sub/b.yaml", "sub/c d.json"}
    assert look(repository.folder / "sub").missing == {"b.yaml", "c d.json"}


def test_what_a_sparse_checkout_leaves_out_is_missing(repository: Repository) -> None:
    repository.git("sparse-checkout", "set", "--no-cone", "/a.yaml")
    assert look(repository.folder).missing == {"sub/b.yaml", "sub/c d.json"}


def test_what_is_in_conflict_is_missing(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit("theirs", {"a.yaml": "theirs"})
    repository.git("checkout", "--quiet", "main")
    repository.commit("ours", {"a.yaml": "ours"})
    with pytest.raises(AssertionError):
        repository.git("merge", "other")
    assert look(repository.folder).missing == {"a.yaml"}


def test_a_lock_says_that_git_is_at_work(repository: Repository) -> None:
    (repository.folder / ".git" / "index.lock").touch()
    assert look(repository.folder / "sub") == Checkout(at_work=True)


def test_a_folder_that_git_does_not_track_is_no_checkout(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / ".git" / "index.lock").touch()
    (repository.folder / "new").mkdir()
    assert look(repository.folder / "new") == Checkout()
    assert look(tmp_path) == Checkout()


def test_a_repository_that_a_hook_names_is_not_asked(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository.folder / ".git"))
    assert answer(tmp_path, "rev-parse", "HEAD") is None


def test_without_git_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert answer(tmp_path, "--version") is None
