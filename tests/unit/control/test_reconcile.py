import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.workshop import UNGUARDED, Workshop, remote, simulator

from reconciler.control.manifest.document import Problem
from reconciler.control.reconcile import Files, Folders, Reconciler, Result
from reconciler.control.source import Source
from reconciler.errors import SecretError
from reconciler.secrets.cipher import Cipher


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_it_is_idempotent(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"), simulator("b"))
    first = shop.reconcile()
    assert first == Result(str(shop.folder), 1, 2)
    assert not first.failed
    assert shop.reconcile() == Result(str(shop.folder), 1, 0)
    assert shop.reader.revision(1).source == str(shop.folder)
    assert shop.reader.revision(1).operation == "up"


def test_the_commit_it_stands_at_is_in_the_result_and_in_the_record(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    for arguments in (
        ["init"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(shop.folder), *arguments], check=True, capture_output=True)
    result = shop.reconcile()
    assert len(result.commit or "") == 40
    assert shop.reader.revision(1).commit == result.commit
    assert shop.reader.revision(1).dirty is False


def test_warnings_are_told_and_stop_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-literal"))
    result = shop.reconcile()
    assert (result.failed, result.changed) == (False, 1)
    assert [problem.warning for problem in result.problems] == [True]


def test_what_is_no_longer_declared_is_told(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"), simulator("b"))
    shop.reconcile()
    shop.write("a.yaml", simulator("a"))
    assert [key.name for key in shop.reconcile().undeclared] == ["b"]
    assert shop.reconcile(prune=True).undeclared == ()


def test_what_a_guard_refuses_is_a_result_and_deletes_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"), simulator("b"))
    shop.apply()
    shop.write("a.yaml", simulator("c"), simulator("d"))
    result = shop.reconcile(prune=True)
    assert (result.exit_code, result.revision) == (4, 0)
    assert "all that the source holds" in (result.error or "")
    unguarded = replace(shop.reconciler(prune=True), guards=UNGUARDED)
    assert unguarded.reconcile(Folders((str(shop.folder),))).changed == 4


def test_a_conflict_is_a_result(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="other")
    shop.write("a.yaml", simulator(text="two"))
    result = shop.reconcile()
    assert (result.source, result.exit_code, result.revision) == (str(shop.folder), 4, 0)
    assert "owned by git:other" in (result.error or "")
    assert shop.text() == "one"


def test_a_key_that_does_not_fit_is_a_result(shop: Workshop) -> None:
    def no_cipher() -> Cipher | None:
        raise SecretError("the encryption key at hand is not this store's")

    shop.write("a.yaml", simulator())
    reconciler = Reconciler(shop.reader, tuple, shop.writer, no_cipher, shop.clock)
    result = reconciler.reconcile(Folders((str(shop.folder),), "prod"))
    assert (result.source, result.exit_code) == ("prod", 5)
    assert result.error == "the encryption key at hand is not this store's"


def test_a_source_that_fails_is_called_by_its_name_and_not_by_the_path_that_was_typed(shop: Workshop) -> None:
    subprocess.run(["git", "-C", str(shop.root), "init"], check=True, capture_output=True)
    shop.write("a.yaml").write_text("kind: [")
    result = shop.reconcile(shop.folder)
    assert (result.source, result.exit_code) == (str(shop.root), 3)


def test_a_comparison_tells_what_differs_and_changes_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a", text="one"), simulator("b"))
    shop.reconcile()
    shop.write("a.yaml", simulator("a", text="two"), simulator("b"))
    origin = Folders((str(shop.folder),))
    result = shop.reconciler().compare(origin)
    assert (result.revision, result.changed, [key.name for key in result.drift]) == (1, 0, ["a"])
    assert shop.text("a") == "one"
    shop.reconcile()
    assert shop.reconciler().compare(origin).drift == ()


def test_what_was_left_out_when_files_were_brought_is_told(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    left_out = Problem(None, "a submodule", warning=True)

    class Brought:
        name = "acme"

        def files(self, known: Callable[[], Sequence[str]]) -> Files:
            source = Source("acme", shop.folder, "1a2b")
            return Files((str(shop.folder),), source, "sync", "add it", (left_out,))

    result = shop.reconciler().reconcile(Brought())
    assert result == Result("acme", 1, 1, (left_out,), commit="1a2b")
    made = shop.reader.revision(1)
    assert (made.operation, made.message, made.source) == ("sync", "add it", "acme")


def test_paths_that_are_gone_are_a_result(shop: Workshop) -> None:
    result = shop.reconcile(shop.folder / "gone")
    assert (result.source, result.exit_code) == (str(shop.folder / "gone"), 3)
    assert len(result.problems) == 1
