from pathlib import Path
from threading import Event

import pytest
from fakes.repository import ENVIRONMENT, Repository
from fakes.workshop import Workshop, simulator, text_of

from reconciler.bootstrap.following import (
    Following,
    Target,
    ask,
    follow_branch,
    mirrors_beside,
    read_hook_secret,
)
from reconciler.control.git.program import GitMissing
from reconciler.control.git.remote import parse_remote
from reconciler.control.sync import Branch
from reconciler.control.watch import ReconcileLoop
from reconciler.errors import InvalidInput
from reconciler.store.url import parse


def test_a_branch_is_followed_beside_the_store(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    commit = repository.commit("One", {"a.yaml": text_of([simulator(text="one")])})
    shop = Workshop(tmp_path)
    location = parse(str(shop.store))
    target = Target(location, shop.writer, shop.reader, shop.clock, ENVIRONMENT)
    stopped = Event()
    sync = follow_branch(Following(Branch(parse_remote(str(repository.folder)))), target, stopped)
    with sync.begun():
        assert (sync.step().commit, shop.text()) == (commit, "one")
        assert location.memory_path.exists()
        assert mirrors_beside(location) == tmp_path / "store-git"
        assert len(list((tmp_path / "store-git").glob("*/mirror.git"))) == 1
        sync.ask()
        stopped.set()
        assert sync.step().exit_code in {0, 130}
    ask(sync, ReconcileLoop(sync.step, lambda _: None, resync_seconds=1))
    shop.close()


def test_without_git_it_does_not_begin(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    environ = {**ENVIRONMENT, "PATH": str(tmp_path)}
    target = Target(parse(str(shop.store)), shop.writer, shop.reader, shop.clock, environ)
    with pytest.raises(GitMissing, match="there is no git program here"):
        follow_branch(Following(Branch(parse_remote("/x"))), target, Event())
    assert "PATH" not in repr(target)
    shop.close()


def test_the_secret_of_a_webhook_is_a_line_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret with blanks \n")
    assert read_hook_secret(str(file)).reveal() == "s3cret with blanks "
    for content in (b"", b"\n", b"x" * 5000, b"\xff\xfe"):
        file.write_bytes(content)
        with pytest.raises(InvalidInput, match="webhook's secret"):
            read_hook_secret(str(file))
    with pytest.raises(InvalidInput, match="can't be read from"):
        read_hook_secret(str(tmp_path))
