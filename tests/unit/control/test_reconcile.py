import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.by_hand import ADA, changed, spec, written
from fakes.workshop import UNGUARDED, Workshop, remote, simulator

from reconciler.control.intake import remembering
from reconciler.control.manifest.document import Problem
from reconciler.control.plan.model import Resync
from reconciler.control.reconcile import Files, Folders, Reconciler, Result
from reconciler.control.source import Source
from reconciler.errors import SecretError
from reconciler.resources.resource import ResourceKey
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
        subprocess.run(
            ["git", "-C", str(shop.folder), *arguments], check=True, capture_output=True, timeout=120
        )
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


def test_what_somebody_changed_by_hand_is_left_and_the_rest_goes_on(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"), simulator("b"), simulator("c"))
    shop.reconcile()
    changed(shop, spec(config={"text": "at night"}))
    written(shop, {ResourceKey("Provider", "default", "c"): None})
    shop.write("a.yaml", simulator(text="two"), simulator("b", text="b two"), simulator("c"))
    result = shop.reconcile()
    assert (result.error, result.changed, shop.text(), shop.text("b")) == (None, 2, "at night", "b two")
    (left,) = result.drift
    assert (left.field, left.live, left.declared, left.manager) == (
        "spec.config.text", "at night", "two", ADA
    )  # fmt: skip
    assert shop.reconcile().drift == (left,)


def test_what_was_read_before_is_not_read_again(shop: Workshop, tmp_path: Path) -> None:
    memory = tmp_path / "files.db"
    shop.write("a.yaml", simulator(text="one"))
    reconciler = replace(shop.reconciler(), read=remembering(memory))
    origin = Folders((str(shop.folder),))
    reconciler.reconcile(origin)
    with closing(sqlite3.connect(memory)) as connection, connection:
        connection.execute("UPDATE file SET documents = replace(documents, 'one', 'remembered')")
    assert (reconciler.reconcile(origin).changed, shop.text()) == (1, "remembered")
    shop.write("a.yaml", simulator(text="two"))
    assert (reconciler.reconcile(origin).changed, shop.text()) == (1, "two")


def test_a_key_that_does_not_fit_is_a_result(shop: Workshop) -> None:
    def no_cipher() -> Cipher | None:
        raise SecretError("the encryption key at hand is not this store's")

    shop.write("a.yaml", simulator())
    reconciler = Reconciler(shop.reader, tuple, shop.writer, no_cipher, shop.clock)
    result = reconciler.reconcile(Folders((str(shop.folder),), "prod"))
    assert (result.source, result.exit_code) == ("prod", 5)
    assert result.error == "the encryption key at hand is not this store's"


def test_a_source_that_fails_is_called_by_its_name_and_not_by_the_path_that_was_typed(shop: Workshop) -> None:
    subprocess.run(["git", "-C", str(shop.root), "init"], check=True, capture_output=True, timeout=120)
    shop.write("a.yaml").write_text("kind: [")
    result = shop.reconcile(shop.folder)
    assert (result.source, result.exit_code) == (str(shop.root), 3)


def test_what_a_resync_may_not_change_is_told_and_left(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a", text="one"), simulator("b"))
    shop.reconcile()
    shop.write("a.yaml", simulator("a", text="two"), simulator("b"))
    origin = Folders((str(shop.folder),))
    nothing = Resync(only=())
    result = shop.reconciler().reconcile(origin, nothing)
    assert (result.revision, result.changed, [str(item.key) for item in result.drift]) == (
        1,
        0,
        ["Provider/a"],
    )
    assert shop.text("a") == "one"
    shop.reconcile()
    assert shop.reconciler().reconcile(origin, nothing).drift == ()


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
