from pathlib import Path

import pytest
from fakes.store import META, commit_all, open_writer, provider, put

from reconciler.errors import StoreError
from reconciler.store.events import HeadSignal, Moves


def test_it_moves_once_for_what_was_committed_since(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    signal = HeadSignal(path)
    asked = [signal.moved(), signal.moved()]
    with open_writer(path) as writer:
        writer.commit([put(provider("b"))], base=1, meta=META)
        writer.commit([put(provider("c"))], base=2, meta=META)
        asked += [signal.moved(), signal.moved()]
    signal.close()
    assert asked == [True, False, True, False]


def test_a_store_may_come_later_and_be_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    signal = HeadSignal(path)
    assert not signal.moved()
    signal.close()
    commit_all(path, [put(provider("a"))])
    assert signal.moved()
    signal.close()
    assert signal.moved()
    signal.close()


def test_a_file_that_is_no_store_is_an_error_in_words(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"nothing that SQLite knows" * 100)
    signal = HeadSignal(path)
    with pytest.raises(StoreError, match="damaged"):
        signal.moved()
    signal.close()


def test_who_waits_goes_on_when_one_of_several_moved(tmp_path: Path) -> None:
    path, other = tmp_path / "store.db", tmp_path / "other.db"
    commit_all(path, [put(provider("a"))])
    asked: list[None] = []
    moves = Moves(path, other, check=lambda: asked.append(None))
    assert [moves.wait(60), moves.wait(0)] == [True, False]
    commit_all(other, [put(provider("a"))])
    assert moves.wait(60)
    assert len(asked) == 1
    assert not moves.wait(0.001)
    moves.close()


def test_what_the_check_raises_ends_the_wait(tmp_path: Path) -> None:
    def check() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Moves(tmp_path / "store.db", check=check).wait(60)
