from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, provider, put

from reconciler.bootstrap import writing
from reconciler.bootstrap.writing import cipher_for_sealing, open_store
from reconciler.errors import SecretError
from reconciler.secrets.keys import generate_key_file
from reconciler.store.reader import Reader
from reconciler.store.records import VaultEntry
from reconciler.store.url import StoreLocation, parse

ENTRY = VaultEntry("v-1", "place", b"token", "fingerprint", "key-of-long-ago")


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(str(tmp_path / "deep" / "r.db"))


def test_a_store_is_made_with_its_key(location: StoreLocation) -> None:
    with open_store(location, {}, SteppingClock()) as store:
        assert store.cipher is not None
        store.writer.commit([put(provider("p"))], base=0, meta=META)
        assert store.reader.head() == 1
    assert location.config_path.with_suffix(".key").stat().st_mode & 0o077 == 0
    with open_store(location, {}, SteppingClock()) as again:
        assert again.reader.head() == 1


def test_a_lost_key_is_not_replaced(location: StoreLocation) -> None:
    with open_store(location, {}, SteppingClock()) as store:
        store.writer.commit([put(provider("p"))], base=0, meta=META, seals=[ENTRY])
    location.config_path.with_suffix(".key").unlink()
    with open_store(location, {}, SteppingClock()) as store:
        assert store.cipher is None
    assert not location.config_path.with_suffix(".key").exists()


def test_a_key_that_somebody_else_made_meanwhile_is_as_good(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    location.config_path.parent.mkdir()
    commit_all(location.config_path, [put(provider("p"))])

    def overtaken(path: Path) -> None:
        generate_key_file(path)
        raise SecretError("it is there already")

    monkeypatch.setattr(writing, "generate_key_file", overtaken)
    with Reader(location.config_path) as reader:
        assert cipher_for_sealing(location, {}, reader) is not None


def test_a_key_that_can_not_be_made(location: StoreLocation, monkeypatch: pytest.MonkeyPatch) -> None:
    location.config_path.parent.mkdir()
    commit_all(location.config_path, [put(provider("p"))])

    def refused(path: Path) -> None:
        raise SecretError(f"{path} can't be written")

    monkeypatch.setattr(writing, "generate_key_file", refused)
    with Reader(location.config_path) as reader, pytest.raises(SecretError, match="can't be written"):
        cipher_for_sealing(location, {}, reader)
