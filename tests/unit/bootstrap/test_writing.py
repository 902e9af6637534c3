from contextlib import closing
from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, provider, put

from reconciler.bootstrap import writing
from reconciler.bootstrap.callers import this_user
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import (
    Committer,
    cipher_for_sealing,
    open_present_store,
    open_store,
    open_writer,
)
from reconciler.errors import SecretError
from reconciler.resources.principal import Principal, Role
from reconciler.secrets.keys import MasterKey, generate_key_file
from reconciler.settings import KEY
from reconciler.store import audit
from reconciler.store.records import EMPTY_STORE, StaleBase, StoreMissing, VaultEntry
from reconciler.store.url import StoreLocation, parse

OWN = MasterKey(bytes(range(32)))


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(f"sqlite:///{tmp_path / 'store.db'}")


def key_file(location: StoreLocation) -> Path:
    return location.config_path.with_suffix(".key")


def test_the_store_is_made_where_there_is_none(location: StoreLocation) -> None:
    writer = open_writer(location, SteppingClock())
    assert writer.commit([put(provider("a"))], base=0, meta=META).number == 1
    writer.close()


def test_who_writes_for_somebody_says_for_whom(location: StoreLocation) -> None:
    open_writer(location, SteppingClock()).close()
    asks = Principal("token:ci", Role.OPERATOR, address="192.0.2.7")
    with open_reader(location) as reader:
        for caller in (None, asks):
            with closing(Committer(location, reader, SteppingClock(), caller)) as committer:
                head = reader.head()
                committer.commit([put(provider(f"p{head}"))], base=head, meta=META)
        assert [row.principal for row in audit.rows(reader)] == [this_user().name, "token:ci"]


def test_a_key_is_made_for_a_store_that_holds_nothing_sealed_and_found_again(location: StoreLocation) -> None:
    with open_store(location, {}, SteppingClock()) as store:
        assert store.cipher is not None
        first = store.cipher.key_ids
    assert key_file(location).stat().st_mode & 0o777 == 0o600
    with open_store(location, {}, SteppingClock()) as store:
        assert store.cipher is not None
        assert store.cipher.key_ids == first


def test_a_key_that_is_given_is_used_and_none_is_made(location: StoreLocation) -> None:
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        assert store.cipher is not None
        assert store.cipher.key_ids == (OWN.id,)
    assert not key_file(location).exists()


def test_no_key_is_made_where_the_one_that_is_needed_is_lost(location: StoreLocation) -> None:
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        entry = VaultEntry("v-1", "place", b"token", "f", OWN.id)
        store.writer.commit([put(provider("a"))], base=0, meta=META, seals=[entry])
    with open_store(location, {}, SteppingClock()) as store:
        assert store.cipher is None
    assert not key_file(location).exists()


def test_a_key_that_somebody_else_made_meanwhile_is_used(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def beaten(path: Path) -> MasterKey:
        made.append(generate_key_file(path).id)
        return generate_key_file(path)

    monkeypatch.setattr(writing, "generate_key_file", beaten)
    open_writer(location, SteppingClock()).close()
    with open_reader(location) as reader:
        cipher = cipher_for_sealing(location, {}, reader)
    assert cipher is not None
    assert list(cipher.key_ids) == made


def test_a_key_that_can_not_be_written_is_an_error(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> MasterKey:
        raise SecretError(f"the key file {path} can't be written: no space left on device")

    monkeypatch.setattr(writing, "generate_key_file", full)
    with pytest.raises(SecretError, match="no space left"), open_store(location, {}, SteppingClock()):
        pass


def test_a_store_that_must_be_there_is_not_made(location: StoreLocation) -> None:
    with pytest.raises(StoreMissing), open_present_store(location, {}, SteppingClock(), sealing=True):
        pass
    assert not location.config_path.exists()


def test_a_key_is_looked_for_only_where_something_is_to_be_sealed(location: StoreLocation) -> None:
    open_writer(location, SteppingClock()).close()
    with open_present_store(location, {KEY: "no key at all"}, SteppingClock(), sealing=False) as store:
        assert store.cipher is None
    assert not key_file(location).exists()
    with open_present_store(location, {}, SteppingClock(), sealing=True) as store:
        assert store.cipher is not None
    assert key_file(location).exists()


def test_what_writes_nothing_returns_the_head_and_opens_no_writer(
    location: StoreLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        store.writer.commit([put(provider("a"))], base=0, meta=META)

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a writer was opened")

    monkeypatch.setattr(writing, "open_writer", refuse)
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        assert store.writer.commit([], base=1, meta=META).number == 1
        with pytest.raises(StaleBase) as caught:
            store.writer.commit([], base=0, meta=META)
    assert (caught.value.base, caught.value.head) == (0, 1)


def test_nothing_is_no_revision_in_an_empty_store_either(location: StoreLocation) -> None:
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        assert store.writer.commit([], base=0, meta=META) == EMPTY_STORE


def test_what_was_written_is_all_in_the_file_when_it_is_closed(location: StoreLocation) -> None:
    with open_store(location, {KEY: OWN.text()}, SteppingClock()) as store:
        store.writer.commit([put(provider("a"))], base=0, meta=META)
    log = location.config_path.with_name(f"{location.config_path.name}-wal")
    assert not log.exists() or log.stat().st_size == 0
