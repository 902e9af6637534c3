from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, provider, put

from reconciler.bootstrap.reading import load_cipher, open_reader, open_reader_if_any
from reconciler.errors import SecretError, StoreError
from reconciler.secrets.cipher import Place
from reconciler.secrets.keys import generate_key_file
from reconciler.secrets.value import SecretValue
from reconciler.store.engine import open_engine
from reconciler.store.records import VaultEntry
from reconciler.store.url import StoreLocation, parse
from reconciler.store.writer import Writer


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(str(tmp_path / "r.db"))


def sealed(location: StoreLocation) -> None:
    """Makes the store, with one value that the key beside it sealed."""
    generate_key_file(location.config_path.with_suffix(".key"))
    cipher = load_cipher(location, {}, None)
    assert cipher is not None
    token = cipher.seal(Place("default", "Secret", "s", "spec.data.K"), SecretValue("x"))
    entry = VaultEntry("v-1", "place", token.ciphertext, token.fingerprint, token.key_id)
    writer = Writer(open_engine(location.config_path), SteppingClock())
    writer.commit([put(provider("p"))], base=0, meta=META, seals=[entry])
    writer.close()


def test_a_store_that_is_not_there(location: StoreLocation) -> None:
    assert open_reader_if_any(location) is None
    with pytest.raises(StoreError):
        open_reader(location)


def test_a_store(location: StoreLocation) -> None:
    commit_all(location.config_path, [put(provider("p"))])
    for opened in (open_reader(location), open_reader_if_any(location)):
        assert opened is not None
        with opened as reader:
            assert reader.head() == 1


def test_no_key_is_no_cipher(location: StoreLocation) -> None:
    assert load_cipher(location, {}, None) is None


def test_the_key_of_the_store_opens_it(location: StoreLocation) -> None:
    sealed(location)
    with open_reader(location) as reader:
        assert load_cipher(location, {}, reader) is not None


def test_the_key_of_another_store_is_refused_before_anything_is_done(location: StoreLocation) -> None:
    sealed(location)
    other = location.config_path.with_name("other.key")
    generate_key_file(other)
    with open_reader(location) as reader, pytest.raises(SecretError, match="is not this store's"):
        load_cipher(location, {"ROUTERCTL_ENCRYPTION_KEY_FILE": str(other)}, reader)
