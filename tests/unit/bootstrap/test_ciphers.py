from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, open_writer, provider, put

from reconciler.bootstrap.ciphers import cipher_at_hand, load_cipher, no_key
from reconciler.bootstrap.reading import open_reader
from reconciler.errors import SecretError
from reconciler.secrets.keys import MasterKey, generate_key_file
from reconciler.settings import KEY, KEY_FILE
from reconciler.store.records import VaultEntry
from reconciler.store.url import StoreLocation, parse

OWN, OTHER = MasterKey(bytes(range(32))), MasterKey(bytes(range(32, 64)))


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(f"sqlite:///{tmp_path / 'store.db'}")


def seal_one(location: StoreLocation, key: MasterKey) -> None:
    with open_writer(location.config_path) as writer:
        entry = VaultEntry("v-1", "place", b"token", "f", key.id)
        writer.commit([put(provider("a"))], base=0, meta=META, seals=[entry])


def test_no_key_is_no_cipher(location: StoreLocation) -> None:
    assert load_cipher(location, {}, None) is None


def test_the_environment_goes_before_the_file_beside_the_store(
    location: StoreLocation, tmp_path: Path
) -> None:
    beside = generate_key_file(location.config_path.with_suffix(".key"))
    named = generate_key_file(tmp_path / "named.key")
    ids = [
        load_cipher(location, environ, None)
        for environ in ({}, {KEY_FILE: str(tmp_path / "named.key")}, {KEY: OWN.text()})
    ]
    assert [cipher.key_ids for cipher in ids if cipher] == [(beside.id,), (named.id,), (OWN.id,)]


def test_a_key_of_another_store_is_refused_and_both_are_named(location: StoreLocation) -> None:
    seal_one(location, OWN)
    with open_reader(location) as reader:
        cipher = load_cipher(location, {KEY: OWN.text()}, reader)
        assert cipher is not None
        both = load_cipher(location, {KEY: f"{OTHER.text()} {OWN.text()}"}, reader)
        assert both is not None
        assert both.key_ids == (OTHER.id, OWN.id)
        with pytest.raises(SecretError) as caught:
            load_cipher(location, {KEY: OTHER.text()}, reader)
        told: list[str] = []
        assert cipher_at_hand(location, {KEY: OTHER.text()}, reader, told.append) is None
        assert "is not this store's" in told[0]
        assert cipher_at_hand(location, {KEY: OWN.text()}, reader, told.append) is not None
        assert len(told) == 1
    assert OTHER.id in caught.value.message
    assert OWN.id in caught.value.message
    assert OTHER.text() not in str(caught.value)
    assert caught.value.exit_code == 5


def test_any_key_fits_a_store_that_holds_nothing_sealed(location: StoreLocation) -> None:
    commit_all(location.config_path, [put(provider("a"))])
    with open_reader(location) as reader:
        assert load_cipher(location, {KEY: OTHER.text()}, reader) is not None
    assert SteppingClock().now() is not None


def test_what_is_missing_is_said_with_the_way_to_have_it(location: StoreLocation) -> None:
    elsewhere = no_key(location, {"b2", "a1"})
    assert (elsewhere.message, elsewhere.command) == (
        "there is no encryption key here; this store's is a1, b2",
        None,
    )
    assert no_key(location, ()).command == f"secret keygen --out {location.config_path.with_suffix('.key')}"
