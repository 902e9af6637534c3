import subprocess
from pathlib import Path

import pytest
from fakes.workshop import Workshop, remote, simulator

from reconciler.control.reconcile import Reconciler, Result
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


def test_a_conflict_is_a_result(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="other")
    shop.write("a.yaml", simulator(text="two"))
    result = shop.reconcile()
    assert (result.source, result.exit_code, result.revision) == (str(shop.folder), 4, 0)
    assert "held by git:other" in (result.error or "")
    assert shop.text() == "one"


def test_a_key_that_does_not_fit_is_a_result(shop: Workshop) -> None:
    def no_cipher() -> Cipher | None:
        raise SecretError("the encryption key at hand is not this store's")

    shop.write("a.yaml", simulator())
    reconciler = Reconciler(
        (str(shop.folder),), shop.reader, tuple, shop.writer, no_cipher, shop.clock, explicit_source="prod"
    )
    result = reconciler.reconcile()
    assert (result.source, result.exit_code) == ("prod", 5)
    assert result.error == "the encryption key at hand is not this store's"


def test_paths_that_are_gone_are_a_result(shop: Workshop) -> None:
    result = shop.reconcile(shop.folder / "gone")
    assert (result.source, result.exit_code) == (str(shop.folder / "gone"), 3)
    assert len(result.problems) == 1
